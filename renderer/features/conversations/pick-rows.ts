/** Choosing several conversations: one by one with Ctrl or Cmd, a stretch with Shift. */
import type { ConversationId } from '../../../preload/contract/ids.ts';
import type { ListRow } from './arrange-rows.ts';

export interface Picked {
  ids: ReadonlySet<ConversationId>;
  /** Where a stretch begins. */
  anchor: ConversationId | null;
}

export const nothingPicked: Picked = { ids: new Set(), anchor: null };

/** @param how `toggle`: this one in or out; `stretch`: everything from the anchor to here */
export function pickRow(
  picked: Picked,
  rows: readonly ListRow[],
  id: ConversationId,
  how: 'toggle' | 'stretch',
): Picked {
  if (how === 'toggle' || picked.anchor === null) {
    const ids = new Set(picked.ids);
    if (!ids.delete(id)) ids.add(id);
    return { ids, anchor: id };
  }
  const order = rows.flatMap((row) => (row.kind === 'conversation' ? [row.conversation.id] : []));
  const from = order.indexOf(picked.anchor);
  const to = order.indexOf(id);
  if (from < 0 || to < 0) return { ids: new Set([id]), anchor: id };
  return {
    ids: new Set(order.slice(Math.min(from, to), Math.max(from, to) + 1)),
    anchor: picked.anchor,
  };
}

/** Without those that left the list. */
export function keepPicked(picked: Picked, rows: readonly ListRow[]): Picked {
  const there = new Set(rows.map(({ key }) => key));
  const ids = new Set([...picked.ids].filter((id) => there.has(id)));
  return ids.size === picked.ids.size ? picked : { ids, anchor: picked.anchor };
}
