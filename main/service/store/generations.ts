/** What each answer took: model, device, times, counts. */
import type { Generation } from '../../../preload/contract/conversations.ts';
import type { MessageId } from '../../../preload/contract/ids.ts';
import type { OpenDatabase } from './open-database.ts';

interface Row {
  message_key: number;
  model_name: string;
  vision_precision: string;
  decoder_precision: string;
  device: string;
  seed: number;
  stop_reason: Generation['stopReason'];
  prompt_tokens: number;
  visual_tokens: number;
  new_tokens: number;
  reused_prompt_tokens: number;
  vision_ms: number;
  prefill_ms: number;
  first_token_ms: number;
  decode_ms: number;
  total_ms: number;
  first_kept_id: MessageId | null;
  dropped_messages: number | null;
  thinking_ms: number | null;
  position_step: number | null;
}

export interface GenerationRows {
  insertGeneration(messageKey: number, generation: Generation): void;
  /** The last generation of each message that has one. */
  readLast(messageKeys: readonly number[]): Map<number, Generation>;
  /** A model's newest runs, newest first: what expected seconds are reckoned from. */
  listGenerations(modelName: string, limit: number): Generation[];
}

export function generationRows(db: OpenDatabase): GenerationRows {
  const insert = db.prepare(`
    INSERT INTO generation (message_key, model_name, vision_precision, decoder_precision, device, seed, stop_reason,
      prompt_tokens, visual_tokens, new_tokens, reused_prompt_tokens, vision_ms, prefill_ms, first_token_ms, decode_ms, total_ms,
      first_kept_id, dropped_messages, thinking_ms, position_step)
    VALUES (@messageKey, @modelName, @visionPrecision, @decoderPrecision, @device, @seed, @stopReason,
      @promptTokens, @visualTokens, @newTokens, @reusedPromptTokens, @visionMs, @prefillMs, @firstTokenMs, @decodeMs, @totalMs,
      @firstKeptId, @droppedMessages, @thinkingMs, @visualPositionStep)`);
  const selectLast = db.prepare<[string], Row>(`
    SELECT * FROM generation WHERE key IN (
      SELECT max(key) FROM generation WHERE message_key IN (SELECT value FROM json_each(?)) GROUP BY message_key)`);
  const selectByModel = db.prepare<[string, number], Row>(
    'SELECT * FROM generation WHERE model_name = ? ORDER BY key DESC LIMIT ?',
  );
  return {
    insertGeneration(messageKey, { context, thinkingMs = null, visualPositionStep = null, ...generation }) {
      const { firstKeptId = null, droppedMessages = null } = context ?? {};
      const rare = { firstKeptId, droppedMessages, thinkingMs, visualPositionStep };
      insert.run({ messageKey, ...generation, ...rare });
    },
    readLast: (keys) =>
      new Map(selectLast.all(JSON.stringify(keys)).map((row) => [row.message_key, fromRow(row)])),
    listGenerations: (modelName, limit) => selectByModel.all(modelName, limit).map(fromRow),
  };
}

function fromRow(row: Row): Generation {
  return {
    modelName: row.model_name,
    visionPrecision: row.vision_precision,
    decoderPrecision: row.decoder_precision,
    device: row.device,
    seed: row.seed,
    stopReason: row.stop_reason,
    promptTokens: row.prompt_tokens,
    visualTokens: row.visual_tokens,
    newTokens: row.new_tokens,
    reusedPromptTokens: row.reused_prompt_tokens,
    visionMs: row.vision_ms,
    prefillMs: row.prefill_ms,
    firstTokenMs: row.first_token_ms,
    decodeMs: row.decode_ms,
    totalMs: row.total_ms,
    ...(row.thinking_ms !== null && { thinkingMs: row.thinking_ms }),
    ...(row.position_step !== null && { visualPositionStep: row.position_step }),
    ...(row.first_kept_id !== null &&
      row.dropped_messages !== null && {
        context: { firstKeptId: row.first_kept_id, droppedMessages: row.dropped_messages },
      }),
  };
}
