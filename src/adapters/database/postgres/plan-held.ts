import { z } from 'zod';
import type { JsonObject } from '../../../core/model/json.ts';
import { Privilege } from './statements/privilege.ts';

const Held = z.object({ privilege: Privilege, grantor: z.string(), grantable: z.boolean() });
/** One privilege one grantor gave, as the trees hold it. */
export type Held = z.infer<typeof Held>;

const HeldItem = z.object({ held: z.array(Held) });

/** What an item of `/extraGrants` or `/privileges` holds, by grantor. */
export function heldOf(item: JsonObject | undefined): readonly Held[] {
  const parsed = HeldItem.safeParse(item);
  return parsed.success ? parsed.data.held : [];
}
