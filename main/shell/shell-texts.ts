/** What the shell itself says, in the app's languages; everything inside the window is the page's. */

const en = {
  newConversation: 'New Conversation',
  importFile: 'Import…',
  exportAll: 'Export…',
  settings: 'Settings…',
  models: 'Models…',
  search: 'Search…',
  palette: 'Command Palette…',
  toggleSidebar: 'Show or Hide Sidebar',
  file: 'File',
  edit: 'Edit',
  view: 'View',
  window: 'Window',
  show: 'Show InternVL Desktop',
  captureRegion: 'Ask About a Part of the Screen',
  quit: 'Quit',
  cancel: 'Cancel',
  openLink: 'Open',
  openLinkQuestion: (host: string) => `Open this address on ${host}?`,
  chooseFolder: 'Choose a folder',
  modelStates: {
    unloaded: 'No model loaded',
    loading: 'Loading the model…',
    ready: 'Ready',
    failed: 'The model could not be loaded',
  },
  answering: 'Answering…',
  answerDone: 'The answer is done',
  alreadyRunning: 'InternVL Desktop is running already with this profile folder. End it first.',
  captureRefused:
    'The screen could not be captured. Allow it in the system’s privacy settings, then start the app again.',
};

export type ShellTexts = typeof en;

const de: ShellTexts = {
  newConversation: 'Neues Gespräch',
  importFile: 'Importieren …',
  exportAll: 'Exportieren …',
  settings: 'Einstellungen …',
  models: 'Modelle …',
  search: 'Suchen …',
  palette: 'Befehlspalette …',
  toggleSidebar: 'Seitenleiste ein- oder ausblenden',
  file: 'Datei',
  edit: 'Bearbeiten',
  view: 'Ansicht',
  window: 'Fenster',
  show: 'InternVL Desktop zeigen',
  captureRegion: 'Nach einem Teil des Bildschirms fragen',
  quit: 'Beenden',
  cancel: 'Abbrechen',
  openLink: 'Öffnen',
  openLinkQuestion: (host) => `Diese Adresse auf ${host} öffnen?`,
  chooseFolder: 'Ordner wählen',
  modelStates: {
    unloaded: 'Kein Modell geladen',
    loading: 'Das Modell wird geladen …',
    ready: 'Bereit',
    failed: 'Das Modell konnte nicht geladen werden',
  },
  answering: 'Antwortet …',
  answerDone: 'Die Antwort ist fertig',
  alreadyRunning: 'InternVL Desktop läuft bereits mit diesem Profilordner. Beenden Sie es zuerst.',
  captureRefused:
    'Der Bildschirm konnte nicht aufgenommen werden. Erlauben Sie es in den Datenschutzeinstellungen des Systems und starten Sie die App neu.',
};

const zh: ShellTexts = {
  newConversation: '新建对话',
  importFile: '导入…',
  exportAll: '导出…',
  settings: '设置…',
  models: '模型…',
  search: '搜索…',
  palette: '命令面板…',
  toggleSidebar: '显示或隐藏侧边栏',
  file: '文件',
  edit: '编辑',
  view: '视图',
  window: '窗口',
  show: '显示 InternVL Desktop',
  captureRegion: '就屏幕的一部分提问',
  quit: '退出',
  cancel: '取消',
  openLink: '打开',
  openLinkQuestion: (host) => `要打开 ${host} 上的这个地址吗？`,
  chooseFolder: '选择文件夹',
  modelStates: { unloaded: '未加载模型', loading: '正在加载模型…', ready: '就绪', failed: '模型无法加载' },
  answering: '正在回答…',
  answerDone: '回答已完成',
  alreadyRunning: 'InternVL Desktop 已在使用此配置文件夹运行。请先将其退出。',
  captureRefused: '无法截取屏幕。请在系统的隐私设置中允许，然后重新启动应用。',
};

/** @param language the setting; `system` follows `locale`, as `de-AT` or `zh-Hans-CN` */
export function shellTexts(language: 'system' | 'en' | 'zh' | 'de', locale: string): ShellTexts {
  const wanted = language === 'system' ? (locale.split('-')[0]?.toLowerCase() ?? 'en') : language;
  return wanted === 'de' ? de : wanted === 'zh' ? zh : en;
}
