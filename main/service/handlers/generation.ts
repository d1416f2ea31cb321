/** Asking, watching, stopping, and what a question would cost. */
import type { Handlers } from '../../../preload/contract/define.ts';
import type { generationContract } from '../../../preload/contract/generation.ts';
import type { Answers } from '../answering/answers.ts';
import type { EstimateQuestion } from '../answering/estimate-question.ts';
import type { ExportBoxes } from '../answering/export-boxes.ts';
import type { LookAhead } from '../answering/look-ahead.ts';

export function generationHandlers(service: {
  answers: Answers;
  estimateQuestion: EstimateQuestion;
  exportBoxes: ExportBoxes;
  lookAhead: LookAhead;
}): Handlers<typeof generationContract> {
  const { answers, estimateQuestion, exportBoxes, lookAhead } = service;
  return {
    generateMessage: (request, signal) => answers.ask(request, signal),
    watchAnswer: ({ messageId }, signal) => answers.watch(messageId, signal),
    stopAnswer: async ({ messageId }) => ({ stopped: await answers.stop(messageId) }),
    listRunningAnswers: async () => ({ answers: answers.running() }),
    estimateQuestion: (question, signal) => estimateQuestion(question, signal),
    exportBoxes: (request, signal) => exportBoxes(request, signal),
    lookAhead: (question, signal) => lookAhead(question, signal),
  };
}
