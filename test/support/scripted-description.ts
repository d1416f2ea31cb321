/** What the scripted models say about themselves. */
import type { ModelDescription } from '../../native-models/inference/generation-types.ts';

export const scriptedDescription: ModelDescription = {
  name: 'scripted',
  precision: { vision: 'int8', decoder: 'int4' },
  device: 'cpu',
  stages: [{ device: 'cpu', first: 0, end: 1 }],
  tileSize: 56,
  visualTokensPerTile: 4,
  minTiles: 1,
  maxTiles: 12,
  useThumbnail: true,
  contextLength: 32_768,
  systemText: 'You are a script.',
  notes: [],
};
