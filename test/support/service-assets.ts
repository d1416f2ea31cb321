/** An assets folder whose demo model the scripted engine opens, so that nothing is converted. */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const realSamples = fileURLToPath(new URL('../../assets/samples', import.meta.url));

/** @param description what the scripted model says of itself besides its usual words */
export async function writeScriptedAssets(folder: string, description: object = {}): Promise<string> {
  const assets = join(folder, 'assets');
  const model = join(assets, 'embedded-model');
  await mkdir(model, { recursive: true });
  await writeFile(join(model, 'manifest.json'), JSON.stringify(description));
  await writeFile(
    join(model, 'config.json'),
    JSON.stringify({ max_dynamic_patch: 12, llm_config: { max_position_embeddings: 32_768 } }),
  );
  await writeFile(join(model, 'model.safetensors'), '');
  await cp(realSamples, join(assets, 'samples'), { recursive: true });
  return assets;
}
