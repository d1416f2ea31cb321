/** German words of the model library and picker. */
import type { models as english } from '../en/models.ts';

export const models: typeof english = {
  title: 'Modelle',
  close: 'Schließen',
  cancel: 'Abbrechen',
  none: 'Kein Modell',
  picker: 'Modell: {{name}}, {{state}}',
  states: { unloaded: 'nicht geladen', loading: 'wird geladen', ready: 'bereit', failed: 'fehlgeschlagen' },
  answers: 'Wer antwortet',
  manage: 'Modelle verwalten und hinzufügen …',
  demo: 'Demo',
  demoShort: 'Eingebaut; liest einfachen gedruckten Text',
  demoWords:
    'Eingebaut und von diesem Projekt ganz von vorn trainiert. Es liest einfache gedruckte Wörter und Zahlen wie in den Beispielen und zeigt, wie alles funktioniert. Fotos, Tabellen, Handschrift und andere Sprachen kann es nicht: Seine Antworten dazu bedeuten nichts.',
  loaded: 'Geladen',
  load: 'Laden',
  loadNamed: '{{name}} laden',
  loading: 'Das Modell wird geladen',
  loadFailed: 'Dieses Modell konnte nicht geladen werden',
  unload: 'Speicher freigeben',
  notes: 'Was bei der Umwandlung auffiel',
  context: '{{tokens}} Token Kontext',
  tiles_one: '{{count}} Kachel je Bild',
  tiles_other: 'bis zu {{count}} Kacheln je Bild',
  readyFigures: 'Auf {{device}}, {{memory}} Arbeitsspeicher, in {{seconds}} s geladen',
  listFailed: 'Die Modelle konnten nicht aufgelistet werden',
  remove: {
    open: 'Löschen',
    title: '{{name}} von diesem Rechner löschen?',
    text: 'Die umgewandelten Dateien werden entfernt. Gespräche bleiben, und der ursprüngliche Checkpoint wird nicht angerührt.',
    confirm: 'Löschen',
  },
  add: {
    title: 'Ein InternVL3-Modell hinzufügen',
    download:
      'Holen Sie einen Checkpoint: alle Dateien einer Modellseite, an diesem oder einem anderen Rechner. InternVL3-1B ist ein guter Anfang:',
    copy: 'Legen Sie seinen Ordner auf diesen Rechner. Ab hier braucht es kein Netz.',
    convert: 'Wählen Sie den Ordner. Er wird einmal umgewandelt, das Original bleibt, wie es ist.',
    convertByCommand:
      'Dieses Fenster kann keine Ordner öffnen. Wandeln Sie ihn im Terminal in den Modellordner der App um (mit INTERNVL_HOME: der Ordner models darin); danach steht er hier:',
  },
  convert: {
    precision: 'Genauigkeit',
    precisions: {
      int4: 'int4: am kleinsten und schnellsten, für die meisten',
      int8: 'int8: näher am Original, doppelt so groß',
      fp16: 'fp16: fast das Original, viermal so groß',
      fp32: 'fp32: exakt, achtmal so groß',
    },
    choose: 'Checkpoint-Ordner wählen',
    label: '{{name}} wird umgewandelt',
    starting: '{{name}} wird durchgesehen …',
    progress: '{{name}} wird umgewandelt: {{percent}} %',
    failed: 'Es wurde nichts umgewandelt',
    done: '{{name}} ist bereit',
    load: 'Jetzt laden',
  },
};
