/** The number of the way a checkpoint becomes a model folder; raised whenever converted bytes would differ. */
export const recipeVersion = 5;
