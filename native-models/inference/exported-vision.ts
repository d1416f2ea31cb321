/** Pixel values → visual tokens through an imported vision_encoder: a tile a run, since its layers can't be taken apart. */
import { visualTokensPerTile } from '../architectures/model-config.ts';
import { brokenModelFolder, type ModelFolder } from '../conversion/model-folder.ts';
import type { ImportedGraph } from '../conversion/model-manifest.ts';
import { openExportedSession } from './exported-session.ts';
import { floatTensor, runSession, type SessionOptions } from './session.ts';
import type { VisionEncoder } from './vision-encoder.ts';

/** Opens the imported encoder. @throws AppError as `openExportedSession` */
export async function openExportedVision(
  folder: ModelFolder,
  graph: ImportedGraph,
  options: Omit<SessionOptions, 'folder'>,
): Promise<VisionEncoder> {
  const { config } = folder.manifest;
  const session = await openExportedSession(folder, graph, options);
  const side = config.vision.imageSize;
  const tileValues = 3 * side * side;
  const tokenValues = visualTokensPerTile(config) * config.decoder.hiddenSize;
  return {
    tileSize: side,
    tileBatch: 1,
    async encode(pixelValues, tileCount, inTurn) {
      const tokens = new Float32Array(tileCount * tokenValues);
      for (let tile = 0; tile < tileCount; tile++) {
        const values = pixelValues.subarray(tile * tileValues, (tile + 1) * tileValues);
        const pixel_values = floatTensor(values, [1, 3, side, side]);
        const { image_features } = await inTurn(() => runSession(session, { pixel_values }));
        if (image_features!.size !== tokenValues) {
          throw brokenModelFolder('its vision graph gives another number of visual tokens');
        }
        tokens.set(image_features!.data as Float32Array, tile * tokenValues);
      }
      return tokens;
    },
    close: () => session.release(),
  };
}
