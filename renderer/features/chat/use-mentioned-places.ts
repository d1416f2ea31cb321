/** What an answer's `Frame7` and `Image-2` lead to. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { MentionedPlaces } from '../../ui/markdown/place-mention.tsx';
import { clock } from './film-time.ts';
import { type Asked, findPlace, type NamedPlace } from './named-places.ts';

type OpenPlace = (part: NamedPlace['part'], place: NamedPlace['place']) => void;

export function useMentionedPlaces(asked: Asked, onOpen: OpenPlace): MentionedPlaces {
  const { t } = useTranslation('chat');
  return useMemo(
    () => ({
      labelOf(name) {
        const found = findPlace(asked, name);
        if (!found) return null;
        const { page, timeMs } = found.place;
        if (timeMs !== null) return t('places.frame', { name: found.part.name, time: clock(timeMs) });
        return page === null ? found.part.name : t('places.page', { name: found.part.name, page });
      },
      open(name) {
        const found = findPlace(asked, name);
        if (found) onOpen(found.part, found.place);
      },
    }),
    [asked, onOpen, t],
  );
}
