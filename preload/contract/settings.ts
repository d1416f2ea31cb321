/** What a person sets: how answers are sampled, and how the app looks and speaks. */
import { z } from 'zod';

/** How tokens are chosen; what is left out takes the engine's default. Meanings: native-models/inference/generation-types.ts. */
export const samplingSchema = z.object({
  maxNewTokens: z.int().min(1).max(131_072).exactOptional(),
  temperature: z.number().min(0).max(5).exactOptional(),
  topK: z.int().min(0).max(200_000).exactOptional(),
  topP: z.number().gt(0).max(1).exactOptional(),
  minP: z.number().min(0).max(1).exactOptional(),
  repetitionPenalty: z.number().gt(0).max(10).exactOptional(),
  seed: z.int().min(0).max(0xffff_ffff).exactOptional(),
  stopStrings: z.array(z.string().min(1).max(200)).max(16).exactOptional(),
});

/** A named way of asking. */
const presetSchema = z.object({
  name: z.string().min(1).max(100),
  systemText: z.string().max(100_000).nullable(),
  sampling: samplingSchema,
});

/** Every setting with its default, so that an empty table is a valid state. */
export const settingsSchema = z.object({
  language: z.enum(['system', 'en', 'zh', 'de']).default('system'),
  theme: z.enum(['system', 'light', 'dark', 'contrast']).default('system'),
  textScale: z.number().min(0.5).max(2).default(1),
  sendWith: z.enum(['enter', 'mod-enter']).default('enter'),
  notifyWhenDone: z.boolean().default(true),
  keepInTray: z.boolean().default(false),
  regionHotkey: z.string().max(100).nullable().default(null),
  lastModel: z.string().max(200).nullable().default(null),
  firstRunDone: z.boolean().default(false),
  /** Most that the disk keeps of pictures and conversations the model has read, 10⁹ bytes; 0 keeps nothing. */
  cacheGigabytes: z.int().min(0).max(64).default(2),
  sampling: samplingSchema.default({}),
  presets: z.array(presetSchema).max(200).default([]),
});

/** Any subset; what is left out stays as it is. */
export const settingsPatchSchema = z.object({
  language: settingsSchema.shape.language.unwrap().exactOptional(),
  theme: settingsSchema.shape.theme.unwrap().exactOptional(),
  textScale: settingsSchema.shape.textScale.unwrap().exactOptional(),
  sendWith: settingsSchema.shape.sendWith.unwrap().exactOptional(),
  notifyWhenDone: z.boolean().exactOptional(),
  keepInTray: z.boolean().exactOptional(),
  regionHotkey: settingsSchema.shape.regionHotkey.unwrap().exactOptional(),
  lastModel: settingsSchema.shape.lastModel.unwrap().exactOptional(),
  firstRunDone: z.boolean().exactOptional(),
  cacheGigabytes: settingsSchema.shape.cacheGigabytes.unwrap().exactOptional(),
  sampling: samplingSchema.exactOptional(),
  presets: settingsSchema.shape.presets.unwrap().exactOptional(),
});

export type Sampling = z.infer<typeof samplingSchema>;
export type Preset = z.infer<typeof presetSchema>;
export type Settings = z.infer<typeof settingsSchema>;
export type SettingsPatch = z.infer<typeof settingsPatchSchema>;
