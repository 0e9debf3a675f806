"""Write heart.csv, the UCI Heart Disease data of the Cleveland clinic, from a package that ships it.

sample.json is written beside it: a scoring request with its first five patients.

The table (303 patients) comes inside the Python package Orange3, as a tab-separated file with words
for the categories. This script turns the words back into UCI's own codes and column names:

    age       years                          restecg   0 normal, 1 ST-T abnormal, 2 hypertrophy
    sex       0 female, 1 male               thalach   highest heart rate, beats a minute
    cp        1 typical angina, 2 atypical,  exang     1 angina on exercise
              3 other pain, 4 no symptoms    oldpeak   ST depression on exercise, mm
    trestbps  resting blood pressure, mmHg   slope     1 up, 2 flat, 3 down
    chol      cholesterol, mg/dl             ca        0-3 vessels coloured by fluoroscopy
    fbs       1 fasting sugar > 120 mg/dl    thal      normal, fixed, reversible
    target    1 disease is present (UCI's num > 0; the package carries num already cut to 0 or 1)

UCI has no `ca` for 4 patients and no `thal` for 2. They get the most common value of the column
(0 and `normal`), so that every row fits an integer signature.

Source: Janosi, Steinbrunn, Pfisterer, Detrano: Heart Disease. UCI Machine Learning Repository.
https://doi.org/10.24432/C52P4X, CC BY 4.0. Only the spelling of names and codes is changed here.

Usage: pip install --no-deps Orange3==3.40.0 && python make_heart_csv.py
"""

import csv
import json
import sys
from collections import Counter
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

PACKAGE, VERSION = "Orange3", "3.40.0"
TABLE = "Orange/datasets/heart_disease.tab"
HEADER_LINES = 3  # names, types and roles
MISSING = "?"
REQUEST_ROWS = 5

SEX = {"female": 0, "male": 1}
CHEST_PAIN = {"typical ang": 1, "atypical ang": 2, "non-anginal": 3, "asymptomatic": 4}
REST_ECG = {"normal": 0, "ST-T abnormal": 1, "left vent hypertrophy": 2}
SLOPE = {"upsloping": 1, "flat": 2, "downsloping": 3}
THAL = {"normal": "normal", "fixed defect": "fixed", "reversable defect": "reversible"}

# (our name, the package's name, how one cell is read); the order is the order of the CSV.
COLUMNS = [
    ("age", "age", int),
    ("sex", "gender", SEX.__getitem__),
    ("cp", "chest pain", CHEST_PAIN.__getitem__),
    ("trestbps", "rest SBP", int),
    ("chol", "cholesterol", int),
    ("fbs", "fasting blood sugar > 120", int),
    ("restecg", "rest ECG", REST_ECG.__getitem__),
    ("thalach", "max HR", int),
    ("exang", "exerc ind ang", int),
    ("oldpeak", "ST by exercise", float),
    ("slope", "slope peak exc ST", SLOPE.__getitem__),
    ("ca", "major vessels colored", int),
    ("thal", "thal", THAL.__getitem__),
    ("target", "diameter narrowing", int),
]


def packaged_table() -> Path:
    """The path of the table inside the installed package; it is never imported, so needs no dependencies."""
    need = f"needs {PACKAGE}=={VERSION}: pip install --no-deps {PACKAGE}=={VERSION}"
    try:
        installed = distribution(PACKAGE)
    except PackageNotFoundError:
        sys.exit(need)
    if installed.version != VERSION:
        sys.exit(f"{need} (found {installed.version})")
    return Path(installed.locate_file(TABLE))


def read_rows(table: Path) -> list[dict[str, str]]:
    """The patients in the package's order, each a mapping from the package's column names to text."""
    with table.open(newline="", encoding="utf-8") as text:
        names, *rest = csv.reader(text, delimiter="\t")
    return [dict(zip(names, cells, strict=True)) for cells in rest[HEADER_LINES - 1 :] if cells]


def fill_missing(rows: list[dict[str, str]]) -> None:
    """Put the most common value of its column where a cell is missing, in place."""
    for _, name, _ in COLUMNS:
        known = Counter(row[name] for row in rows if row[name] != MISSING)
        commonest = known.most_common(1)[0][0]
        for row in rows:
            if row[name] == MISSING:
                row[name] = commonest


def write_csv(patients: list[list], path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as text:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(ours for ours, _, _ in COLUMNS)
        writer.writerows(patients)


def write_request(patients: list[list], path: Path) -> None:
    """A scoring request in pandas' split form, which is what Azure's MLflow servers read; no target."""
    request = {
        "columns": [ours for ours, _, _ in COLUMNS[:-1]],
        "index": list(range(len(patients))),
        "data": [cells[:-1] for cells in patients],
    }
    path.write_text(json.dumps({"input_data": request}) + "\n", encoding="utf-8")


def main() -> None:
    rows = read_rows(packaged_table())
    fill_missing(rows)
    patients = [[read(row[theirs]) for _, theirs, read in COLUMNS] for row in rows]
    here = Path(__file__).parent
    write_csv(patients, here / "heart.csv")
    write_request(patients[:REQUEST_ROWS], here / "sample.json")
    print(f"heart.csv: {len(patients)} rows, {sum(cells[-1] for cells in patients)} with disease")


if __name__ == "__main__":
    main()
