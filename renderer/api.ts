/** The app's endpoints as functions; whether a bridge or HTTP carries them, a page never learns. */
export {};
