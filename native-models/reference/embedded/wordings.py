"""How questions are worded: for each skill some wordings to learn from, and one that only held-out drawings use."""

from random import Random

# skill -> (wordings of training, the wording never trained on)
WORDINGS: dict[str, tuple[list[str], str]] = {
    "read": (
        ["What does it say?", "What is written?", "Read the text.", "What is the text?", "What does this say?",
         "Read it.", "Tell me what it says.", "Which text is shown?", "Write down the text.", "What text can you see?"],
        "What is written here?"),
    "word": (
        ["What is the word?", "Read the word.", "Which word is this?", "Which word can you see?", "What word is shown?",
         "Tell me the word.", "Which word does this show?"],
        "What word does it show?"),
    "number": (
        ["What is the number?", "Read the number.", "Which number is this?", "Which number can you see?",
         "What number is shown?", "Tell me the number.", "What number is written?"],
        "What number does it show?"),
    "date": (
        ["What is the date?", "Read the date.", "Which date is this?", "Which date is shown?", "Tell me the date.",
         "What date can you see?", "Which date does this show?"],
        "What date does it show?"),
    "money": (
        ["What is the price?", "How much is it?", "Read the price.", "What does it cost?", "Which price is shown?",
         "Tell me the price.", "What price can you see?", "How much does it cost?"],
        "What price does it show?"),
    "lines": (
        ["Read all lines.", "Copy the text.", "What does the page say?", "Write down all lines.",
         "What is written on all lines?", "Read the page.", "Copy the whole text."],
        "Copy all lines."),
    "nth-line": (
        ["What does the {name} line say?", "Read the {name} line.", "What is written in the {name} line?",
         "Tell me the {name} line.", "Copy the {name} line."],
        "What is in the {name} line?"),
    "total": (
        ["What is the total?", "How much is the total?", "What is the total amount?", "Read the total.",
         "Tell me the total.", "Which total is given?", "How much is it in total?", "What is the sum in total?",
         "What total is shown?"],
        "What does the total say?"),
    "field": (
        ["What is the {name}?", "What does it say for {name}?", "Read the {name}.", "Tell me the {name}.",
         "Which is the {name}?", "What {name} is shown?", "What is given as the {name}?"],
        "Which {name} is given?"),
    "shop": (
        ["What is the shop called?", "What is the name of the shop?", "Which shop is it?",
         "Tell me the name of the shop.", "Which shop is shown?", "What does the shop call itself?"],
        "Which shop is this from?"),
    "item-price": (
        ["How much is {name}?", "What does {name} cost?", "What is the price of {name}?", "Tell me the price of {name}.",
         "How much does {name} cost?", "Which price has {name}?", "What is the cost of {name}?"],
        "What is {name} sold for?"),
    "heading": (
        ["What is the title?", "What does the title say?", "Read the title.", "Tell me the title.",
         "Which title is shown?", "What is written as the title?"],
        "What title does it have?"),
    "coloured-button": (
        ["What does the {name} button say?", "Read the {name} button.", "What is on the {name} button?",
         "Tell me what the {name} button says.", "What text does the {name} button show?",
         "What is written on the {name} button?"],
        "Which text is on the {name} button?"),
    "message": (
        ["What is the message?", "What does the message say?", "Read the message.", "Tell me the message.",
         "Which message can you see?", "What message is given?"],
        "Which message is shown?"),
    "nth-item": (
        ["What is the {name} item?", "Read the {name} item.", "Which item is {name}?", "Tell me the {name} item.",
         "What is written on the {name} item?", "Which is the {name} item?"],
        "What does the {name} item say?"),
    "selected-item": (
        ["Which item is selected?", "What is selected?", "Tell me the selected item.", "Which item is marked?",
         "What is the selected item called?"],
        "What item is the selected one?"),
    "bar-value": (
        ["What is the value of {name}?", "How much is {name}?", "Which value has {name}?",
         "Tell me the value of {name}.", "How high is {name}?", "What is the value for {name}?",
         "Which value does {name} show?"],
        "What value does {name} have?"),
    "highest-bar": (
        ["Which bar is the highest?", "What is the highest bar?", "Tell me the highest bar.",
         "Which bar has the highest value?", "What is the name of the highest bar?"],
        "Which is the highest bar?"),
    "lowest-bar": (
        ["Which bar is the lowest?", "What is the lowest bar?", "Tell me the lowest bar.",
         "Which bar has the lowest value?", "What is the name of the lowest bar?"],
        "Which is the lowest bar?"),
    "cell": (
        ["What is the {column} of {row}?", "Which {column} has {row}?", "Read the {column} of {row}.",
         "Tell me the {column} of {row}.", "What is the {column} for {row}?", "Which {column} is given for {row}?",
         "What {column} is shown for {row}?"],
        "What {column} does {row} have?"),
    "markdown": (
        ["Copy the table as Markdown.", "Write the table as Markdown.", "Give the table as Markdown.",
         "Turn the table into Markdown.", "Read the table as Markdown."],
        "Show the table as Markdown."),
    "json": (
        ["Copy the table as JSON.", "Write the table as JSON.", "Give the table as JSON.", "Turn the table into JSON.",
         "Read the table as JSON."],
        "Show the table as JSON."),
    "shape": (
        ["What shape is it?", "What shape is this?", "Which shape is it?", "Tell me the shape.",
         "What shape can you see?", "What shape is shown?"],
        "Which shape is this?"),
    "coloured-shape": (
        ["What shape is {name}?", "Which shape is {name}?", "Tell me which shape is {name}.",
         "Which of the shapes is {name}?", "Which shape has the color {name}?"],
        "What is the {name} shape?"),
    "colour": (
        ["What color is it?", "What colour is it?", "Which colour is it?", "Tell me the colour.",
         "Which color does it have?", "What colour can you see?", "Which color is shown?"],
        "What colour is this?"),
    "shape-colour": (
        ["What color is the {name}?", "What colour is the {name}?", "Tell me the colour of the {name}.",
         "Which color is the {name}?", "What colour has the {name}?"],
        "Which colour is the {name}?"),
    "count": (
        ["How many {name}s are there?", "Count the {name}s.", "How many {name}s do you see?",
         "How many {name}s can you see?", "Tell me how many {name}s there are.", "How many {name}s are shown?"],
        "What is the number of {name}s?"),
    "count-all": (
        ["How many shapes are there?", "Count the shapes.", "How many shapes can you count?",
         "Tell me how many shapes there are.", "What is the number of shapes?"],
        "How many shapes do you see?"),
    "box": (
        ["Please provide the bounding box coordinate of the region this sentence describes: <ref>{name}</ref>",
         "Where is <ref>{name}</ref>?", "Show where <ref>{name}</ref> is.", "Give the box of <ref>{name}</ref>."],
        "Find <ref>{name}</ref>."),
    "click": (
        ["Click {name}.", "Click on {name}.", "Press {name}.", "Go to {name}.", "Choose {name}.", "Use {name}."],
        "Please click {name}."),
    "click-coloured": (
        ["Click the {name} button.", "Press the {name} button.", "Use the {name} button.", "Click on the {name} button.",
         "Choose the {name} button."],
        "Please click the {name} button."),
    "which-picture": (
        ["Which picture shows {name}?", "Which image shows {name}?", "Tell me which picture shows {name}.",
         "Where is {name}, in the first or the second picture?"],
        "In which picture is {name}?"),
    "same": (
        ["Are the pictures the same?", "Do both pictures show the same?", "Do the pictures show the same?",
         "Is it the same picture?"],
        "Is it the same in both pictures?"),
    "nth-picture": (
        ["What does the {name} picture say?", "What does the {name} image show?",
         "What is written in the {name} picture?", "Tell me what the {name} picture says."],
        "Read the {name} picture."),
    "which-frame": (
        ["Which frame shows {name}?", "In which frame is {name}?", "Tell me which frame shows {name}.",
         "In which of the frames is {name}?"],
        "What frame shows {name}?"),
    "and": (
        ["And the {name}?", "What about the {name}?", "Tell me the {name} too.", "The {name}?",
         "And what is the {name}?"],
        "Now the {name}?"),
}
POLITE = ["Please ", "Can you tell me: ", "Look closely: ", "Tell me: "]


def vary(question: str, random: Random) -> str:
    """The question as people type it: now and then without its mark, in small letters, or with a word before it."""
    kind = random.random()
    if "<ref>" in question or kind > 0.4:
        return question
    if kind < 0.12:
        return question.rstrip(".?")
    small = question[0].lower() + question[1:]
    return small if kind < 0.22 else small.rstrip(".?") if kind < 0.28 else random.choice(POLITE) + small


IDENTITY = "I am a small demo model that reads simple printed text."
IDENTITY_QUESTIONS = ["Who are you?", "What are you?", "What can you do?", "What is your name?", "What is this model?"]
ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth"]
