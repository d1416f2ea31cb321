/** What callers of the engine need to know of its texts: the card's prompts, and what an answer holds. Starts nothing. */
export { convertBox } from '../media/geometry.ts';
export {
  candidateSampling,
  groundingQuestion,
  guiAgentSystemText,
  thinkingSystemText,
  thinkingTemperature,
} from '../text/card-prompts.ts';
export { criticMessages, solutionScore, splitSteps } from '../text/critic-prompt.ts';
export { finalAnswer } from '../text/final-answer.ts';
export { createGroundingParser, type GroundingReference } from '../text/grounding-parser.ts';
export { createThinkingParser, splitThinking, type ThinkingParser } from '../text/thinking-parser.ts';
