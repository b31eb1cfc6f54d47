"""How many bits a base takes under a trained model, Markov models and compressors, on the same regions.

    python benchmarks/genome.py [--fasta FILE.fa | --small] [--minutes 30] [SETTING=VALUE ...]

trains with `halo.train data=genome experiment=genome` for some minutes, prints the table of `halo.genome`, and
compresses the same regions with what is installed of xz, zpaq and cmix. Without --fasta, the genome of Escherichia coli
536 (4.9 million bases) is taken from the Debian package bowtie-examples, which apt-get downloads; --small takes phage
lambda (48,502 bases) from bowtie2-examples. Further arguments are settings of halo.train.

Sequences are compressed as letters, and the bits of the test regions are size(training + test) - size(training). A
compressor adapts while it reads the test regions, and finds repeats of any length; the rows of `halo.genome` do not
adapt.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from measuring import output_of, report

from halo.bundle.loading import load_run
from halo.config import default_cache_dir
from halo.corpus.corpus import Corpus
from halo.evaluation.evaluation_report import training_corpus
from halo.genomics.sequences import split_sequences

PACKAGES = {
    False: ("bowtie-examples", "usr/share/doc/bowtie/examples/genomes/NC_008253.fna.gz"),
    True: ("bowtie2-examples", "usr/share/doc/bowtie2/examples/reference/lambda_virus.fa.gz"),
}
"""The Debian package and the file in it, by whether the small genome is asked for."""

COMPRESSORS = {
    "xz -9e": ["xz", "-9e", "-k", "{file}"],
    "zpaq -m5": ["zpaq", "add", "{file}.zpaq", "{file}", "-m5"],
    "cmix": ["cmix", "-c", "{file}", "{file}.cmix"],
}
"""Command lines that write a compressed file beside another one; zpaq and cmix mix the predictions of contexts."""


def packaged_genome(folder: Path, *, small: bool) -> Path:
    """Returns a genome out of a Debian package, which is downloaded but not installed."""
    package, file = PACKAGES[small]
    output_of("apt-get", "download", package, folder=folder)
    (archive,) = folder.glob(f"{package}_*.deb")
    output_of("dpkg-deb", "-x", archive, folder / package)
    return folder / package / file


def compressed_bytes(name: str, text: str, folder: Path) -> int:
    """Returns the size of a text compressed with one of `COMPRESSORS`."""
    file = folder / "sequence"
    for old in folder.glob("sequence*"):
        old.unlink()
    file.write_text(text, encoding="ascii")
    output_of(*(part.format(file=file) for part in COMPRESSORS[name]))
    (written,) = (each for each in folder.glob("sequence*") if each != file)
    return written.stat().st_size


def compressor_rows(corpus: Corpus, folder: Path) -> list[list[str]]:
    """Returns the bits per base of the test regions under each compressor that is installed."""
    train, test = ("\n".join(split_sequences(corpus, split)) for split in ("train", "test"))
    bases = sum(map(test.count, "ACGT"))
    rows = []
    for name, command in COMPRESSORS.items():
        if shutil.which(command[0]) is None:
            rows.append([name, f"{command[0]} is not installed"])
            continue
        both, alone = (compressed_bytes(name, text, folder) for text in (f"{train}\n{test}", train))
        rows.append([name, f"{8 * (both - alone) / bases:.4f}"])
    return rows


def main() -> None:
    """Trains, measures and compresses."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fasta", type=Path, help="genome; by default from a Debian package")
    parser.add_argument("--small", action="store_true", help="phage lambda instead of E. coli")
    parser.add_argument("--minutes", type=int, default=30, help="longest training")
    parser.add_argument("--run", type=Path, help="measure this run of halo.train, and do not train")
    parser.add_argument("settings", nargs="*", help="settings of halo.train")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        run = arguments.run or folder / "run"
        if arguments.run is None:
            fasta = arguments.fasta or packaged_genome(folder, small=arguments.small)
            hours, minutes = divmod(arguments.minutes, 60)
            duration = [f"trainer.max_time=00:{hours:02}:{minutes:02}:00", "trainer.max_epochs=1000"]
            command = ["halo.train", "data=genome", "experiment=genome", f"data.path={fasta}", f"run_dir={run}"]
            subprocess.run([sys.executable, "-m", *command, *duration, *arguments.settings], check=True)
        print(output_of(sys.executable, "-m", "halo.genome", f"run={run}"))
        opened = load_run(run)
        rows = compressor_rows(training_corpus(opened, cache_dir=default_cache_dir()), folder)
        report("genome", "Bits per base of the test regions", ["compressor", "bits"], rows, {"compressors": dict(rows)})


if __name__ == "__main__":
    main()
