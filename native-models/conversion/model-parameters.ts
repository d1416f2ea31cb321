/** All parameters of a model, by the file they are stored in. */
import { decoderParameters, lmHeadParameter, lmHeadRowsParameter } from '../architectures/decoder.ts';
import { internVitParameters } from '../architectures/intern-vit.ts';
import type { ModelConfig } from '../architectures/model-config.ts';
import type { CheckpointLayout, LinearParameter, Parameter } from '../architectures/parameters.ts';
import { projectorParameters } from '../architectures/projector.ts';
import { readingParameters } from '../architectures/reading-decoder.ts';

export interface ModelParameters {
  /** Vision encoder and projector. */
  vision: Parameter[];
  /** Decoder layers and final norm. */
  decoder: Parameter[];
  lmHead: Parameter;
  /** Of a 4-bit lm_head. */
  lmHeadRows: LinearParameter;
  /** Of a folder that reads prompts by matrices of their own. */
  reading: LinearParameter[];
}

export function modelParameters(config: ModelConfig, layout: CheckpointLayout): ModelParameters {
  return {
    vision: [...internVitParameters(config.vision, layout), ...projectorParameters(config, layout)],
    decoder: decoderParameters(config.decoder),
    lmHead: lmHeadParameter(config.decoder),
    lmHeadRows: lmHeadRowsParameter(config.decoder),
    reading: readingParameters(config.decoder),
  };
}
