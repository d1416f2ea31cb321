/** How VQA brings answers into one form: case, punctuation, number words, articles, contractions. */

const numberWords: Record<string, string> = {
  none: '0',
  zero: '0',
  one: '1',
  two: '2',
  three: '3',
  four: '4',
  five: '5',
  six: '6',
  seven: '7',
  eight: '8',
  nine: '9',
  ten: '10',
};
const articles = new Set(['a', 'an', 'the']);

/** Contractions whose apostrophe people leave out, by that form. */
const contractions = new Map(
  [
    "ain't aren't can't couldn't could've didn't doesn't don't hadn't hasn't haven't he'd he's how'd how'll how's",
    "i'd i'm i've isn't it'd it'll let's ma'am mightn't might've mustn't must've needn't o'clock oughtn't shan't",
    "she's shouldn't should've somebody'd somebody'll somebody's someone'd someone'll someone's something'd",
    "something'll that's there'd there're there's they'd they'll they're they've 'twas wasn't we'd we've weren't",
    "what'll what're what's what've when's where'd where's where've who'd who'll who's who've why'll why're why's",
    "won't would've wouldn't y'all you'd you'll you're you've",
  ]
    .join(' ')
    .split(' ')
    .map((word) => [word.replaceAll("'", ''), word]),
);

/** Marks that are dropped where a blank stands beside them, and become a blank elsewhere. */
const punctuation = [...';/[]"{}()=+\\_-><@`,?!'];

export function normaliseAnswer(text: string): string {
  const words = text.toLowerCase().replaceAll(/[,?]/g, '').replaceAll("'s", " 's").trim();
  return joinWords(dropPunctuation(words.replaceAll(/[\n\t]/g, ' ').trim()));
}

function dropPunctuation(text: string): string {
  const isThousands = /\d,\d/.test(text);
  let out = text;
  for (const mark of punctuation) {
    const standsAlone = text.includes(`${mark} `) || text.includes(` ${mark}`);
    out = out.replaceAll(mark, standsAlone || isThousands ? '' : ' ');
  }
  // A point stays only between digits.
  return out.replaceAll(/(?<!\d)\.(?!\d)/g, '');
}

function joinWords(text: string): string {
  return text
    .toLowerCase()
    .split(/\s+/)
    .map((word) => numberWords[word] ?? word)
    .filter((word) => word !== '' && !articles.has(word))
    .map((word) => contractions.get(word) ?? word)
    .join(' ');
}
