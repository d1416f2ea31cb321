/** Every keyboard shortcut, in groups, as the page of shortcuts shows them. `mod` is Ctrl, or Cmd on a Mac. */
export const shortcuts = {
  everywhere: {
    palette: ['mod', 'K'],
    newConversation: ['mod', 'N'],
    search: ['mod', 'Shift', 'F'],
    settings: ['mod', ','],
    sidebar: ['mod', 'B'],
  },
  composer: {
    send: ['Enter'],
    newLine: ['Shift', 'Enter'],
    paste: ['mod', 'V'],
    stop: ['Esc'],
  },
  list: {
    move: ['↑', '↓'],
    rename: ['F2'],
    remove: ['Del'],
    undo: ['mod', 'Z'],
    pick: ['mod', 'Click'],
    stretch: ['Shift', 'Click'],
    menu: ['Shift', 'F10'],
  },
  viewer: {
    zoom: ['+', '−'],
    fit: ['0'],
    pan: ['←', '→', '↑', '↓'],
    page: ['PgUp', 'PgDn'],
    region: ['R'],
  },
} as const satisfies Record<string, Record<string, readonly string[]>>;
