import type { z } from 'zod';
import type { Diagnostic, SourceLocation } from '../../model/diagnostic.ts';
import type { Digest } from '../../model/digest.ts';
import type { JsonValue } from '../../model/json.ts';

/** What every parsed policy document carries beside its spec. */
export interface PolicyHeader {
  readonly kind: string;
  readonly name: string;
  readonly digest: Digest;
  /** The document as it was read. */
  readonly text: JsonValue;
  readonly declaredAt: SourceLocation | undefined;
}

/** A parsed document of one kind. */
export interface PolicyDocument<Spec> extends PolicyHeader {
  readonly spec: Spec;
}

/** A fault or remark of a document's own rules, by pointer into its spec. */
export interface DocumentRemark {
  readonly code: string;
  readonly level: Diagnostic['level'];
  /** Pointer below the document (`/spec/allowedPaths/0`). */
  readonly pointer: string;
  readonly message: string;
  readonly next: string;
}

/** One kind: its schema and the rules that only its own content can break. */
export interface PolicyKind<Spec> {
  readonly kind: string;
  readonly summary: string;
  readonly spec: z.ZodType<Spec>;
  /** Rules beyond the schema; an error refuses the document. */
  examine(spec: Spec, context: ExamineContext): readonly DocumentRemark[];
}

/** What a kind's own rules may look at beside the document. */
export interface ExamineContext {
  /** Conditions of every adapter, by name. */
  readonly conditions: ReadonlySet<string>;
  /** Document kinds and resource types that no policy may heal. */
  readonly gatedKinds: ReadonlySet<string>;
}
