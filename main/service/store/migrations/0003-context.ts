/** What a full context left out of an answer, and why an answer failed, so that the view can tell later too. Never edited once released. */
import type { Migration } from './migration.ts';

export const context: Migration = {
  number: 3,
  name: 'context',
  sql: `
    -- Id of the oldest message that still took part; both are null where nothing was left out.
    ALTER TABLE generation ADD COLUMN first_kept_id TEXT;
    ALTER TABLE generation ADD COLUMN dropped_messages INTEGER;
    -- The contract's error report; null where no fault ended the message.
    ALTER TABLE message ADD COLUMN failure TEXT CHECK (json_valid(failure));
  `,
};
