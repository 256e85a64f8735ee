# The corpus of the fuzzers (tests/fuzz) through each target, without libFuzzer. Under `make asan` the sanitizers look on.
bats_require_minimum_version 1.5.0
load common

setup() {
	common_setup
	local unit=${MFC_UNIT:-build/unit}
	[[ $unit == /* ]] || unit=$ROOT/$unit
	TARGETS=${unit%/*}/fuzz
	CORPUS=$ROOT/tests/fuzz/corpus
}

replay() {   # TARGET
	local files=("$CORPUS/$1"/*)
	[ "${#files[@]}" -ge 30 ]
	run --separate-stderr "$TARGETS/$1-replay" "${files[@]}"
	[ "$status" -eq 0 ] || echo "${stderr_lines[@]: -20}"
	assert_success
	assert_output "${#files[@]} files"
	[[ $stderr != *'runtime error'* ]]   # UBSan's, which does not end the program
}

@test "OBJ: the corpus" { replay obj; }
@test "OFF: the corpus" { replay off; }
@test "PLY: the corpus" { replay ply; }
@test "STL: the corpus" { replay stl; }
@test "NumPy arrays: the corpus" { replay npy; }
@test "tables: the corpus" { replay table; }
@test "archives: the corpus" { replay archive; }
@test "zips: the corpus" { replay zip; }
@test "mfc streams: the corpus" { replay stream; }
@test "models: the corpus" { replay model; }
@test "HDF5 files: the corpus" { ASAN_OPTIONS=detect_leaks=0 replay hdf5; }   # libhdf5 itself loses memory over damaged files
@test "lists of splits: the corpus" { replay split; }
@test "data sets in an NPZ or zip: the corpus" { replay npz; }
@test "command lines: the corpus" { replay command; }
@test "what filters make of streams: the corpus" { replay filter; }

@test "every target is among these, and has a corpus" {
	local source target
	for source in "$ROOT"/tests/fuzz/*.c; do
		target=$(basename "$source" .c)
		[ "$target" = replay ] && continue
		grep -q "replay $target; }" "$BATS_TEST_FILENAME"
		[ -d "$CORPUS/$target" ]
	done
}

# Compressed archives differ between versions of the compressors, HDF5 files between those of libhdf5.
@test "the seeds are those that make-seeds writes" {
	local file
	python3 -c "import h5py" 2>/dev/null || skip "h5py is not there"
	python3 "$ROOT/tests/fuzz/make-seeds" seeds
	for file in seeds/*/*; do
		if [[ $file == seeds/archive/* || $file == seeds/zip/* || $file == seeds/npz/* || $file == seeds/hdf5/* ]]; then
			[ -e "$CORPUS/${file#seeds/}" ]
		else
			cmp "$file" "$CORPUS/${file#seeds/}"
		fi
	done
}

@test "a replay of nothing, or of a file that is not there, fails" {
	run "$TARGETS/obj-replay"
	assert_failure 2
	run "$TARGETS/obj-replay" nowhere
	assert_failure 2
	assert_output --partial nowhere
}
