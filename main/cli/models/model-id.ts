/** A model's name as a person types it. */
import { AppError } from '../../../preload/contract/errors.ts';
import { type ModelId, modelIdSchema } from '../../../preload/contract/ids.ts';

/** @throws AppError `not_found` for what can be no model's name */
export function idOf(text: string): ModelId {
  const { data } = modelIdSchema.safeParse(text);
  if (data) return data;
  throw new AppError('not_found', 'There is no such model. "models list" names those that are here.');
}
