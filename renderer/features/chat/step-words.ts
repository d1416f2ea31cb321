/** A step on the screen in a person's words. Pure. */
import type { GuiStep } from '../../../native-models/text/gui-action-parser.ts';

type Translate = (key: string, values: Record<string, unknown>) => string;

export function stepWords(step: GuiStep, t: Translate): string {
  switch (step.action) {
    case 'click':
      return t(`agent.click_${step.button}`, {
        place: placeWords(step.at, t),
        clicks: clickWords(step.clicks, t),
      });
    case 'longPress':
      return t('agent.longPress', { place: placeWords(step.at, t), seconds: step.seconds });
    case 'move':
      return t('agent.move', { place: placeWords(step.to, t) });
    case 'drag':
      return t('agent.drag', { place: placeWords(step.to, t) });
    case 'mouseDown':
    case 'mouseUp':
      return t(`agent.${step.action}`, { place: placeWords(step.at, t) });
    case 'scroll':
      return t(`agent.scroll_${scrollDirection(step)}`, {
        clicks: Math.abs(step.clicks),
        place: placeWords(step.at, t),
      });
    case 'swipe':
      return t(`agent.swipe_${step.direction}`, {});
    case 'write':
      return t('agent.write', { text: step.text });
    case 'press':
      return t('agent.press', {
        keys: step.keys.join(', '),
        times: step.times > 1 ? ` × ${step.times}` : '',
      });
    case 'hotkey':
      return t('agent.hotkey', { keys: step.keys.join(' + ') });
    case 'keyDown':
    case 'keyUp':
      return t(`agent.${step.action}`, { key: step.key });
    case 'wait':
      return t('agent.wait', { seconds: step.seconds });
    case 'respond':
      return t('agent.respond', { text: step.text });
    case 'callUser':
      return t('agent.callUser', {});
    case 'terminate':
      return t(`agent.terminate_${step.status}`, {});
  }
}

function placeWords(point: readonly [number, number] | null, t: Translate): string {
  if (!point) return t('agent.pointer', {});
  const [x, y] = point.map((share) => Math.round(share * 1000) / 10);
  return t('agent.place', { x, y });
}

function clickWords(clicks: number, t: Translate): string {
  return clicks === 1 ? '' : t('agent.times', { clicks });
}

function scrollDirection(step: Extract<GuiStep, { action: 'scroll' }>): string {
  if (step.axis === 'horizontal') return step.clicks > 0 ? 'right' : 'left';
  return step.clicks > 0 ? 'up' : 'down';
}
