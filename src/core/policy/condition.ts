import { celEnv, isCelError, parse, plan, type CelInput } from '@bufbuild/cel';
import type { Tristate } from '../model/tristate.ts';

/** Bounds of one expression: nothing in it can take long, whatever it is given. */
export const CONDITION_LIMITS = { bytes: 2_048, nodes: 200, depth: 24, list: 1_000 } as const;

/** Facts as nested objects; what is unknown is left out and marked. */
export interface ConditionFacts {
  readonly values: Readonly<Record<string, CelInput>>;
}

/** A condition ready to be asked. */
export interface Condition {
  readonly text: string;
  evaluate(facts: ConditionFacts): Tristate;
}

/** What became of an expression. */
export type CompiledCondition =
  | { readonly status: 'compiled'; readonly condition: Condition }
  | { readonly status: 'refused'; readonly because: string };

interface Extent {
  nodes: number;
  depth: number;
  comprehensions: number;
}

function children(node: unknown): readonly unknown[] {
  if (Array.isArray(node)) return node;
  return typeof node === 'object' && node !== null ? Object.values(node) : [];
}

function isComprehension(node: unknown): boolean {
  return typeof node === 'object' && node !== null && (node as { case?: unknown }).case === 'comprehensionExpr';
}

function isExpression(node: unknown): boolean {
  return typeof node === 'object' && node !== null && 'exprKind' in node;
}

/** Size, depth and nesting of comprehensions of a parsed expression, walked without recursion. */
function measure(root: unknown): Extent {
  const extent: Extent = { nodes: 0, depth: 0, comprehensions: 0 };
  const stack: { readonly node: unknown; readonly depth: number; readonly loops: number }[] = [
    { node: root, depth: 0, loops: 0 },
  ];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const expression = isExpression(next.node);
    const loops = next.loops + (isComprehension(next.node) ? 1 : 0);
    const depth = next.depth + (expression ? 1 : 0);
    if (expression) extent.nodes += 1;
    extent.depth = Math.max(extent.depth, depth);
    extent.comprehensions = Math.max(extent.comprehensions, loops);
    for (const child of children(next.node)) stack.push({ node: child, depth, loops });
  }
  return extent;
}

function refusalOf(extent: Extent): string | undefined {
  if (extent.nodes > CONDITION_LIMITS.nodes) return `it has more than ${CONDITION_LIMITS.nodes} parts`;
  if (extent.depth > CONDITION_LIMITS.depth) return `it is nested deeper than ${CONDITION_LIMITS.depth}`;
  return extent.comprehensions > 1 ? 'a comprehension stands inside another' : undefined;
}

/** Bracket depth of the text, so that the recursive parser never meets an expression that would exhaust the stack. */
function textDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const character of text) {
    if ('([{'.includes(character)) depth += 1;
    if (')]}'.includes(character)) depth -= 1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

const ENVIRONMENT = celEnv();

function isPlainTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** The facts without lists and maps that are too long to walk: what needs one of those is unknown. */
function withinLimits(tree: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(tree)) {
    if (Array.isArray(value) && value.length > CONDITION_LIMITS.list) continue;
    if (!isPlainTree(value)) kept[name] = value;
    else if (Object.keys(value).length <= CONDITION_LIMITS.list) kept[name] = withinLimits(value);
  }
  return kept;
}

function answer(run: (bindings: never) => unknown, facts: ConditionFacts): Tristate {
  try {
    const result = run(withinLimits(facts.values) as never);
    if (result === true) return 'true';
    if (result === false) return 'false';
    return 'unknown';
  } catch {
    return 'unknown';
  }
}

const compiled = new Map<string, CompiledCondition>();

function compile(text: string): CompiledCondition {
  if (Buffer.byteLength(text) > CONDITION_LIMITS.bytes) return { status: 'refused', because: 'it is over 2 kB' };
  if (textDepth(text) > CONDITION_LIMITS.depth)
    return { status: 'refused', because: `it is nested deeper than ${CONDITION_LIMITS.depth}` };
  try {
    const parsed = parse(text);
    const refused = refusalOf(measure(parsed.expr));
    if (refused !== undefined) return { status: 'refused', because: refused };
    const run = plan(ENVIRONMENT, parsed) as (bindings: never) => unknown;
    return { status: 'compiled', condition: { text, evaluate: (facts) => answer(run, facts) } };
  } catch (cause) {
    const error = isCelError(cause) || cause instanceof Error ? cause : undefined;
    return {
      status: 'refused',
      because:
        error === undefined
          ? 'it is no expression'
          : `it is no expression (${String((error as { message?: unknown }).message)})`,
    };
  }
}

/** Parses and plans a CEL expression once; the plan is kept for as long as the process lives. */
export function compileCondition(text: string): CompiledCondition {
  const known = compiled.get(text);
  if (known !== undefined) return known;
  const made = compile(text);
  if (compiled.size > 20_000) compiled.clear();
  compiled.set(text, made);
  return made;
}
