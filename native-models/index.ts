/** InternVL3 as a library: `const pipe = await pipeline(model)`, then `pipe('hi')`, as the model card does it. */
export type { Precision } from './inference/generation-types.ts';
export type { ChatSession, ConversationOptions, History, TurnPrompt } from './pipeline/chat-session.ts';
export { type Critic, openCritic, type ScoredAnswer } from './pipeline/critic.ts';
export type { GenerationConfig } from './pipeline/generation-config.ts';
export {
  IMAGE_TOKEN,
  type LoadedImage,
  type LoadImageOptions,
  type LoadVideoOptions,
  loadImage,
  loadVideo,
} from './pipeline/load-image.ts';
export type { ChatTemplateName, PipelineOptions } from './pipeline/open-pipeline-model.ts';
export {
  type AskOptions,
  type BatchChatRequest,
  type ChatOptions,
  type Pipeline,
  pipeline,
} from './pipeline/pipeline.ts';
export type { ChatMessage, ChatPart, Prompt } from './pipeline/prompts.ts';
export type { FinishReason, Response, ResponseOfPrompt, ResponsePiece } from './pipeline/responses.ts';
