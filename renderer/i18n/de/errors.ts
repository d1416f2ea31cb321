/** German sentences for every fault; English has the service's own, which are more exact. */
import type { AppErrorCode } from '../../../preload/contract/errors.ts';

export const errors: Record<AppErrorCode, string> = {
  invalid_request: 'Diese Anfrage ist nicht gültig. Prüfen Sie die Eingabe und versuchen Sie es noch einmal.',
  not_found: 'Das gibt es nicht mehr.',
  path_refused: 'Dieser Dateiname ist nicht erlaubt.',
  file_unreadable:
    'Die Datei lässt sich nicht lesen. Prüfen Sie, ob sie noch da ist und Sie sie lesen dürfen.',
  media_unsupported: 'Diese Art von Datei wird nicht unterstützt.',
  media_broken: 'Die Datei ist beschädigt und lässt sich nicht lesen.',
  password_needed: 'Die Datei ist verschlüsselt und braucht das richtige Passwort.',
  profile_readonly: 'Die App darf nicht in ihren eigenen Ordner schreiben.',
  store_damaged: 'Die Datenbank der Gespräche ist beschädigt; sie lässt sich reparieren.',
  store_busy: 'Ein anderer Prozess benutzt die Datenbank der Gespräche.',
  media_too_large: 'Die Datei ist größer als erlaubt.',
  checkpoint_broken:
    'Eine Datei des Checkpoints ist unvollständig oder widerspricht sich. Holen Sie sie noch einmal.',
  checkpoint_unsupported: 'Checkpoints dieser Bauart kann die App nicht ausführen.',
  tensor_missing: 'Dem Checkpoint fehlt ein Tensor, den seine Konfiguration verspricht.',
  tensor_mismatch: 'Form oder Typ eines Tensors im Checkpoint passt nicht zur Konfiguration.',
  model_folder_broken:
    'Der Modellordner ist unvollständig oder verändert. Wandeln Sie den Checkpoint neu um.',
  network_failed: 'Die Verbindung kam nicht zustande. Prüfen Sie das Netz und versuchen Sie es noch einmal.',
  offline: 'Die App soll offline bleiben. Das lässt sich unter Modelle ausschalten.',
  access_denied: 'Der Zugriff wurde abgelehnt; vielleicht braucht es ein Token.',
  download_corrupt: 'Was ankam, ist nicht das Versprochene.',
  disk_full: 'Der Platz auf der Platte reicht nicht. Schaffen Sie Platz und versuchen Sie es noch einmal.',
  out_of_memory:
    'Der Arbeitsspeicher reicht nicht. Schließen Sie anderes oder nehmen Sie ein kleineres Modell.',
  context_too_long: 'Das passt nicht in den Kontext des Modells.',
  device_unavailable: 'Das gewünschte Gerät oder diese Fähigkeit gibt es hier nicht.',
  child_gone: 'Ein Teil der App hat unerwartet aufgehört. Versuchen Sie es noch einmal.',
  timed_out: 'Das hat zu lange gedauert.',
  internal: 'In der App ging etwas schief. Versuchen Sie es noch einmal; bleibt es so, melden Sie es bitte.',
};
