/** A device that is lost in the middle of an answer: whoever was answering goes on with the same model on the CPU, once. */
import type { LoadedModel } from '../../../native-models/process/engine-client.ts';
import { AppError } from '../../../preload/contract/errors.ts';
import type { LoadedModels } from '../models/loaded-model.ts';

/**
 * Comes back when the model is there again, on the CPU.
 * @param model on which the fault happened; null where none was loaded yet, or the CPU was at work already
 * @throws the fault itself where going on would not help
 */
export async function afterFault(
  models: Pick<LoadedModels, 'fallBack' | 'forget'>,
  model: LoadedModel | null,
  fault: unknown,
): Promise<void> {
  if (model && (await models.fallBack(model, fault))) return;
  // The next answer must not rely on a model that went with its process.
  if (fault instanceof AppError && fault.code === 'child_gone') models.forget();
  throw fault;
}
