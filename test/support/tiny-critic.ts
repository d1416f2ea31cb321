/** A tiny model in a profile's library that calls itself VisualPRM, as the published checkpoint does. */
import { join } from 'node:path';
import { convertCheckpoint } from '../../native-models/conversion/convert-checkpoint.ts';
import { changedCheckpoint } from './changed-checkpoint.ts';

export const criticName = 'VisualPRM-8B-v1_1';

/** @returns its model folder */
export async function addTinyCritic(profile: string): Promise<string> {
  const checkpoint = await changedCheckpoint(profile, {
    config: (config: Record<string, unknown>) => {
      config._name_or_path = `OpenGVLab/${criticName}`;
      config.auto_map = { AutoModel: 'modeling_internvl_chat.InternVLRewardModel' };
    },
  });
  const out = join(profile, 'models', `${criticName}-fp32`);
  await convertCheckpoint({ checkpoint, out, precision: 'fp32' });
  return out;
}
