/** Turns conversations into the rows of the list: temporary and pinned ones first, then by the day they last changed. */
import type { Conversation } from '../../../preload/contract/conversations.ts';

export type DateGroup =
  | { type: 'temporary' | 'pinned' | 'today' | 'yesterday' | 'week' | 'month' }
  /** `month` from 0. */
  | { type: 'calendar-month'; year: number; month: number };

export type ListRow =
  | { kind: 'heading'; key: string; group: DateGroup }
  | { kind: 'conversation'; key: string; conversation: Conversation };

/** @param conversations temporary, then pinned, then newest change first, as `listConversations` answers */
export function arrangeRows(conversations: readonly Conversation[], nowMs: number): ListRow[] {
  const rows: ListRow[] = [];
  const groups = new Set<string>();
  for (const conversation of conversations) {
    const group = dateGroup(conversation, nowMs);
    const key = keyOf(group);
    if (!groups.has(key)) {
      groups.add(key);
      rows.push({ kind: 'heading', key: `heading-${key}`, group });
    }
    rows.push({ kind: 'conversation', key: conversation.id, conversation });
  }
  return rows;
}

function dateGroup({ temporary, pinned, updatedAtMs }: Conversation, nowMs: number): DateGroup {
  if (temporary) return { type: 'temporary' };
  if (pinned) return { type: 'pinned' };
  const days = daysBetween(updatedAtMs, nowMs);
  if (days <= 0) return { type: 'today' };
  if (days === 1) return { type: 'yesterday' };
  if (days < 7) return { type: 'week' };
  if (days < 30) return { type: 'month' };
  const date = new Date(updatedAtMs);
  return {
    type: 'calendar-month',
    year: date.getFullYear(),
    month: date.getMonth(),
  };
}

/** Midnights between two times by this machine's calendar, whatever the clock did at a change of summer time. */
function daysBetween(fromMs: number, toMs: number): number {
  return dayNumber(new Date(toMs)) - dayNumber(new Date(fromMs));
}

function dayNumber(date: Date): number {
  return Math.round(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / 86_400_000);
}

function keyOf(group: DateGroup): string {
  return group.type === 'calendar-month' ? `${group.year}-${group.month}` : group.type;
}
