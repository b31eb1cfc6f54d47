"""What the surprisal of a model adds to the prediction of the reading times of the Natural Stories corpus.

    python benchmarks/natural_stories.py FOLDER run=outputs/train/DATE/TIME [oov=spell ...]

FOLDER is a clone of https://github.com/languageMIT/naturalstories (Futrell et al. 2021, The Natural Stories corpus):
10 stories of 10,256 words, and the mean self-paced reading time of each over about 80 readers, who read it in 100 to
3,000 ms and answered most questions on the story. Further arguments are settings of `halo.score`. Words that the model
does not know are left out with the words that follow them, unless another `oov` is given: the surprisal of `<unk>` is
that of all unknown words together.
"""

import argparse
import subprocess
import sys
from pathlib import Path

TIMES = Path("naturalstories_RTS") / "processed_wordinfo.tsv"
COLUMNS = ["text_field=word", "group_field=item", "order_field=zone", "predicts=meanItemRT"]


def main() -> None:
    """Runs `halo.score` on the words of the corpus."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="clone of languageMIT/naturalstories")
    parser.add_argument("settings", nargs="+", help="run=FOLDER or bundle=FOLDER, and other settings of halo.score")
    arguments = parser.parse_args()
    if not (arguments.folder / TIMES).is_file():
        parser.error(f"{arguments.folder}: no {TIMES} in it; give a clone of languageMIT/naturalstories")
    oov = [] if any(each.startswith("oov=") for each in arguments.settings) else ["oov=na"]
    command = [sys.executable, "-m", "halo.score", f"path={arguments.folder / TIMES}", *COLUMNS, *oov]
    sys.exit(subprocess.run([*command, *arguments.settings], check=False).returncode)


if __name__ == "__main__":
    main()
