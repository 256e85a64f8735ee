#!/usr/bin/env bash
# preprocess-medshapenet.sh [option ...] PATH ...
#
# From MedShapeNet's archives or folders of STL or NPZ, as they are distributed, to train.mfc, val.mfc and test.mfc. As preprocess-shapenet.sh,
# with its options, but all shapes of a patient are kept in one part, by --together '^(s[0-9]{4}|[0-9]{6}|sub-[[:alnum:]]+)(_|$)': the patient in
# s0001_liver.nii.g_1.stl (TotalSegmentator), 000001_liver.stl (whole-body CT) or sub-verse004_… (BIDS) is what stands before the first _; a folder
# or NPZ so named is one patient's, too. A patient with a shape that a list or a path gives a part is in that part, others are in one by
# a hash; FOLDER/parts.tsv is the list that comes of it. A name without such a beginning goes by its own hash. --together with another expression
# is for other names, and with '' for none. Labels are the organs, as mfc-load finds them.
#
#   -o, --output FOLDER       where the files go (.)
#   -n, --points POINTS       particles of each cloud (15000)
#   -c, --category GLOB       shapes whose label or id matches; may be repeated
#   -v, --verbose             print the pipeline
#   -h, --help                print this; preprocess-shapenet.sh --help has the other options

set -- --together '^(s[0-9]{4}|[0-9]{6}|sub-[[:alnum:]]+)(_|$)' "$@"
# shellcheck source-path=SCRIPTDIR source=preprocess-shapenet.sh
. "$(dirname "$0")/preprocess-shapenet.sh"
