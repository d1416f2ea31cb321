/** What each kind of server can do, and in which words it is asked. */

/** Told from `owned_by` of `/v1/models`; `openai` is any other that speaks OpenAI's words. */
export type ServerKind = 'lmdeploy' | 'vllm' | 'sglang' | 'llama.cpp' | 'openai';

/**
 * Sources of the fields, each as its project names it:
 * LMDeploy `lmdeploy/serve/openai/protocol.py` (ChatCompletionRequest, ResponseFormat), `lmdeploy/vl/model/internvl.py`
 * (max_dynamic_patch, <IMAGE_TOKEN>), `lmdeploy/model.py` (a last assistant message is gone on with);
 * vLLM `vllm/entrypoints/openai/chat_completion/protocol.py`, `vllm/entrypoints/chat_utils.py`
 * (_get_full_multimodal_text_prompt), `vllm/model_executor/models/internvl.py` (max_dynamic_patch);
 * SGLang `python/sglang/srt/entrypoints/openai/protocol.py` (ChatCompletionRequest, ChatCompletionMessageContentImageURL);
 * llama.cpp `tools/server/README.md`.
 */
export interface ServerAbilities {
  /** As a person knows it. */
  name: string;
  /** What stands in the text where a picture is; null: parts are read in the order in which they come. */
  picturePlace: string | null;
  /** Where the most tiles of a picture are said. `request` is one number for all pictures. */
  maxTiles: 'picture' | 'request' | 'none';
  /** Whether top_k, min_p and the repetition penalty are known, and under which name the last. */
  sampling: { repetitionPenalty: 'repetition_penalty' | 'repeat_penalty'; allTopK: number } | null;
  /** In which field an answer is held to a regular expression. */
  regex: 'response_format' | 'structured_outputs' | 'regex' | null;
  /** How the last answer is gone on with; `plain`: by being the last message. */
  continues: 'flags' | 'flag' | 'plain' | null;
  /** Whether it writes several answers to one question; else they are asked for one by one. */
  severalAnswers: boolean;
  /** The least `top_logprobs` for which it tells any. */
  leastLogprobs: 0 | 1;
  /** The field that asks for token ids. */
  tokenIds: 'return_token_ids' | null;
  /** Whether it can be asked to leave `<box>` and `<ref>` in the text, which are control tokens of InternVL. */
  keepsControlTokens: boolean;
}

export const serverAbilities: Readonly<Record<ServerKind, ServerAbilities>> = {
  lmdeploy: {
    name: 'LMDeploy',
    picturePlace: '<IMAGE_TOKEN>',
    maxTiles: 'picture',
    sampling: { repetitionPenalty: 'repetition_penalty', allTopK: 0 },
    regex: 'response_format',
    continues: 'plain',
    severalAnswers: false, // releases before 0.10 take n and answer once
    leastLogprobs: 0,
    tokenIds: 'return_token_ids',
    keepsControlTokens: true,
  },
  vllm: {
    name: 'vLLM',
    picturePlace: '<image>',
    maxTiles: 'request',
    sampling: { repetitionPenalty: 'repetition_penalty', allTopK: -1 },
    regex: 'structured_outputs',
    continues: 'flags',
    severalAnswers: true,
    leastLogprobs: 0,
    tokenIds: 'return_token_ids',
    keepsControlTokens: true,
  },
  sglang: {
    name: 'SGLang',
    picturePlace: null,
    maxTiles: 'picture',
    sampling: { repetitionPenalty: 'repetition_penalty', allTopK: -1 },
    regex: 'regex',
    continues: 'flag',
    severalAnswers: true,
    leastLogprobs: 0,
    tokenIds: 'return_token_ids',
    keepsControlTokens: true,
  },
  'llama.cpp': {
    name: 'llama.cpp',
    picturePlace: null,
    maxTiles: 'none',
    sampling: { repetitionPenalty: 'repeat_penalty', allTopK: 0 },
    regex: null,
    continues: 'plain',
    severalAnswers: false,
    leastLogprobs: 1,
    tokenIds: null,
    keepsControlTokens: false,
  },
  openai: {
    name: 'an OpenAI-compatible server',
    picturePlace: null,
    maxTiles: 'none',
    sampling: null,
    regex: null,
    continues: null,
    severalAnswers: false,
    leastLogprobs: 0,
    tokenIds: null,
    keepsControlTokens: false,
  },
};

/**
 * The abilities of a server that serves this model. The `-hf` layout's template reads a message's parts in order, so
 * its pictures have no place in the text.
 */
export function abilitiesOf(kind: ServerKind, model: string): ServerAbilities {
  const abilities = serverAbilities[kind];
  return /-hf$/i.test(model) ? { ...abilities, picturePlace: null } : abilities;
}

/** What a server can't do and a model here can. */
const serverGaps = ['tiles', 'tilesOfEach', 'sampling', 'regex', 'continuing'] as const;
export type ServerGap = (typeof serverGaps)[number];

export function gapsOf({ maxTiles, sampling, regex, continues }: ServerAbilities): ServerGap[] {
  const isThere: Record<ServerGap, boolean> = {
    tiles: maxTiles === 'none',
    tilesOfEach: maxTiles === 'request',
    sampling: sampling === null,
    regex: regex === null,
    continuing: continues === null,
  };
  return serverGaps.filter((gap) => isThere[gap]);
}

/** What a person should know before asking, in sentences. */
export function gapsInWords(abilities: ServerAbilities): string[] {
  const server = capitalised(abilities.name);
  const words: Record<ServerGap, string> = {
    tiles: `${server} decides by itself how finely it looks at a picture.`,
    tilesOfEach: `${server} takes one limit of tiles for all pictures of a question: the highest.`,
    sampling: `${server} takes no top-k, min-p or repetition penalty.`,
    regex: `${server} can’t hold an answer to a regular expression.`,
    continuing: `${server} can’t go on with an answer that ended early.`,
  };
  return gapsOf(abilities).map((gap) => words[gap]);
}

/** At the beginning of a sentence. */
export function capitalised(name: string): string {
  return name.replace(/^an /, 'An ');
}
