# Faults by injection (tests/faults.c, tests/faults.py): whatever fails, a program ends with status 1 and one line that says why, and leaves no
# file in parts. $FAULTS_MOST is how many calls of each kind fail in turn, spread evenly over a small run (16; 0: all, as tests/soak/faults.sh does).
bats_require_minimum_version 1.5.0
load common
load commands

# Commands beside those of the contract: they read no stream, or do what the plain command does not.
fault_of() {
	local here=$BATS_FILE_TMPDIR
	INPUT=$here/data.mfc
	TEXT='' STRICT=''
	case $1 in
		prior) COMMAND=(mfc-noise prior -c 3 -n 20 --label chair) ;;
		prior-model) COMMAND=(mfc-noise prior -c 3 -m "$here/tiny.mfc") ;;
		prior-oracle) COMMAND=(mfc-noise prior -c 3 -n 20 -d 2 --oracle "$here/mixture") ;;
		plan)
			TEXT=--text
			COMMAND=(mfc-subdivide plan -n 500 --like "$here/data.mfc") ;;
		branch-kernel)
			INPUT=$here/noised.mfc
			COMMAND=(mfc-subdivide branch --to 90 --kernel langevin -m "$here/tiny.mfc") ;;
		stratify)
			INPUT=$here/noised.mfc
			COMMAND=(mfc-score denoise -m "$here/tiny.mfc" --stratify --steps 4) ;;
		show)
			TEXT=--text
			COMMAND=(mfc-score show --tensors "$here/tiny.mfc") ;;
		slim)
			TEXT=--text
			COMMAND=(mfc-score show --slim slim.mfc "$here/tiny.mfc") ;;
		train)   # its log has times
			INPUT=$here/levels.mfc
			TEXT=--text
			COMMAND=(mfc-score train -q -m model.mfc --steps 1 "${TINY[@]}" --validate "$here/levels.mfc" -o /dev/null) ;;
		train-local)
			INPUT=$here/labelled.mfc
			TEXT=--text
			COMMAND=(mfc-score train -m model.mfc --steps 1 "${TINY[@]}" --local 2 --label-key label --sobolev 0.1 -o /dev/null) ;;
		train-pairwise)
			INPUT=$here/levels.mfc
			TEXT=--text
			COMMAND=(mfc-score train -m model.mfc --steps 1 --arch pairwise --radius 2 --width 8 --embed 8 --blocks 1 -o /dev/null) ;;
		load-*)
			INPUT=/dev/null
			STRICT=--strict
			;;&
		load-folder) COMMAND=(mfc-load -n 16 --normals --normalize cloud-sphere --augment mirror:x,rotate:y:10 "$here/set") ;;
		load-zip) COMMAND=(mfc-load -n 16 --sample poisson --split train "$here/set.zip") ;;
		load-tar) COMMAND=(mfc-load -n 16 --normalize set-std -o out "$here/set.tar.xz") ;;
		load-pipe)
			INPUT=$here/set.tar.xz
			COMMAND=(mfc-load -n 16 -) ;;
		load-nested) COMMAND=(mfc-load -n 16 "$here/nested.zip") ;;
		load-epochs) COMMAND=(mfc-load -n 16 --epochs 2 --shuffle --limit 3 "$here/set.zip") ;;
		load-points) COMMAND=(mfc-load --sample all "$here/points") ;;
		load-hdf5) COMMAND=(mfc-load -n 16 "$here/points.h5") ;;
		load-assimp) COMMAND=(mfc-load -n 16 "$here/tetra.dae") ;;
		load-list)
			STRICT=''
			TEXT=--text
			COMMAND=(mfc-load --list "$here/set.zip") ;;
		load-like) COMMAND=(mfc-load -n 16 --like "$here/set.mfc" "$here/set.zip") ;;
		load-resume)
			TEXT=--text
			COMMAND=(mfc-load -n 16 --resume out.mfc "$here/set.zip") ;;
		metric-all)
			TEXT=--text
			COMMAND=(mfc-metric -r "$here/normals.mfc" -m cd,emd,fscore,hausdorff,normals,jsd -t 0.1 -b 5 --json "$here/normals.mfc") ;;
		metric-sinkhorn)
			TEXT=--text
			COMMAND=(mfc-metric -r "$here/clean.mfc" -m emd --emd sinkhorn -n 5 --by-label "$here/clean.mfc") ;;
		metric-sliced)
			TEXT=--text
			COMMAND=(mfc-metric -r "$here/data.mfc" -m emd --emd sliced --nearest) ;;
		metric-sizes)
			TEXT=--text
			COMMAND=(mfc-metric -r "$here/extra.mfc" -m emd -n 7 --normalize cloud-std "$here/data.mfc") ;;
		metric-block)   # which EMDs a block leaves out depends on how threads meet
			TEXT=--text
			COMMAND=(mfc-metric -r "$here/data.mfc" -m cd --block 0/2) ;;
		metric-merge)
			TEXT=--text
			COMMAND=(mfc-metric -r "$here/data.mfc" --merge "$here/blocks") ;;
		pairs)
			TEXT=--text
			COMMAND=(mfc-metric pairs -r "$here/many.mfc") ;;
		matrix)
			TEXT=--text
			COMMAND=(mfc-metric pairs -r "$here/many.mfc" -m cd --matrix --format npy) ;;
		moments)
			TEXT=--text
			COMMAND=(mfc-metric moments -r "$here/data.mfc") ;;
		sheet)
			TEXT=--text
			COMMAND=(mfc-view -o sheet.png --size 40) ;;
		pass)   # the stream has passed, whole, before the sheet is made
			TEXT=--text
			COMMAND=(mfc-view --pass -o sheet.png --size 40) ;;
		save-ply)
			TEXT=--text
			COMMAND=(mfc-save -f ply -o out/ "$here/extra.mfc") ;;
		save-one)
			INPUT=$here/one.mfc
			TEXT=--text
			COMMAND=(mfc-save -f csv) ;;
		save-stack)
			TEXT=--text
			COMMAND=(mfc-save -f npy) ;;
		save-zip)
			TEXT=--text
			COMMAND=(mfc-save -o out.zip) ;;
		save-npz)
			TEXT=--text
			COMMAND=(mfc-save -o out.npz) ;;
		save-tar)
			TEXT=--text
			COMMAND=(mfc-save -f obj -o out.tar.xz) ;;
		save-tgz)
			TEXT=--text
			COMMAND=(mfc-save -f xyz -o out.tar.gz) ;;
		*) command_of "$1" ;;
	esac
	PROGRAM=${COMMAND[0]}
	[[ ${COMMAND[1]} != [a-z]* ]] || PROGRAM+=" ${COMMAND[1]}"
}

TINY=(--width 8 --latents 2 --latent-width 8 --embed 8 --heads 2 --blocks 1)

setup_file() {
	common_path
	cd "$BATS_FILE_TMPDIR" || return
	command_streams
	stream --points 12 --clouds 1 >one.mfc
	stream --points 20 --normals | sed 's/\xa7normals/\xa6normal/g' >normals.mfc
	{ stream --points 9 --clouds 2 --label chair; stream --points 7 --clouds 2 --prefix d --label car; } >clean.mfc
	mfc-noise --t 0.5 clean.mfc >labelled.mfc
	stream --clouds 8 --points 8 | mfc-subdivide split --levels 2:4:2,0.5:8:1,0:8:1 | mfc-noise >levels.mfc
	for i in 0 1; do mfc-metric -r data.mfc --block $i/2 data.mfc; done >blocks
	printf 'weight mean mean sd\n1 -1 0.5 0.3\n3 1 0 0.2\n' >mixture
	mkdir -p set/chair/train points
	mfc-save -f xyz -o points/ data.mfc
	mfc-save -f npy -o points/stack.npy data.mfc
	mfc-save -f ply -o points/ply/ data.mfc
	mfc-save -o points/points.npz one.mfc
	for i in 1 2 3 4; do   # a triangle each of a size of its own
		printf 'v 0 0 0\nv %s 0 0\nv 0 1 0\nv 0 0 1\nf 1 2 3\nf 1 2 4\nf 1/1 3/1 4/1\n' "$i" >set/chair/train/c$i.obj
	done
	printf 'OFF\n4 1 0\n0 0 0\n1 0 0\n0 1 0\n1 1 0\n4 0 1 3 2\n' >set/chair/train/c5.off
	printf 'solid s\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\nendfacet\nendsolid s\n' >set/chair/train/c6.stl
	(cd set && zip -qr ../set.zip chair && tar -cJf ../set.tar.xz chair)
	mfc-load -n 16 --normalize set-std set.zip >set.mfc
	gzip -c set/chair/train/c1.obj >c1.obj.gz
	zip -q nested.zip set.zip c1.obj.gz
	collada >tetra.dae
		python3 - <<-'END'
		import h5py, numpy as np
		with h5py.File("points.h5", "w") as f:
		    f["chair/train"] = np.random.default_rng(1).standard_normal((3, 20, 3)).astype("f4")
	END
}

setup() { common_setup; }

faults() {
	fault_of "$1"
	export FAULTS_SO=$ROOT/build/faults.so
	run timeout 7200 python3 "$ROOT/tests/faults.py" --program "$PROGRAM" --most "${FAULTS_MOST:-16}" \
		${FAULTS_REPORT:+--counts "$FAULTS_REPORT" --name "$1"} ${TEXT:+"$TEXT"} ${STRICT:+"$STRICT"} "$INPUT" "${COMMAND[@]}"
	[[ $output != *'needs a build with'* ]] || skip "${output##*: }"
	assert_success
	assert_output ''
}

@test "noise" { faults noise; }
@test "interact" { faults interact; }
@test "split" { faults split; }
@test "branch" { faults branch; }
@test "denoise" { faults denoise; }
@test "stratify" { faults stratify; }
@test "oracle" { faults oracle; }
@test "loss" { faults loss; }
@test "loss-oracle" { faults loss-oracle; }
@test "metric" { faults metric; }
@test "chaos" { faults chaos; }
@test "correlation" { faults correlation; }
@test "verdict" { faults verdict; }
@test "view" { faults view; }
@test "save" { faults save; }
@test "load" { faults load; }
@test "prior" { faults prior; }
@test "prior-model" { faults prior-model; }
@test "prior-oracle" { faults prior-oracle; }
@test "plan" { faults plan; }
@test "branch-kernel" { faults branch-kernel; }
@test "show" { faults show; }
@test "slim" { faults slim; }
@test "train" { faults train; }
@test "train-local" { faults train-local; }
@test "train-pairwise" { faults train-pairwise; }
@test "load-folder" { faults load-folder; }
@test "load-zip" { faults load-zip; }
@test "load-tar" { faults load-tar; }
@test "load-pipe" { faults load-pipe; }
@test "load-nested" { faults load-nested; }
@test "load-epochs" { faults load-epochs; }
@test "load-points" { faults load-points; }
@test "load-hdf5" { faults load-hdf5; }
@test "load-assimp" { faults load-assimp; }
@test "load-list" { faults load-list; }
@test "load-like" { faults load-like; }
@test "load-resume" { faults load-resume; }
@test "metric-all" { faults metric-all; }
@test "metric-sinkhorn" { faults metric-sinkhorn; }
@test "metric-sliced" { faults metric-sliced; }
@test "metric-sizes" { faults metric-sizes; }
@test "metric-block" { faults metric-block; }
@test "metric-merge" { faults metric-merge; }
@test "pairs" { faults pairs; }
@test "matrix" { faults matrix; }
@test "moments" { faults moments; }
@test "sheet" { faults sheet; }
@test "pass" { faults pass; }
@test "save-ply" { faults save-ply; }
@test "save-one" { faults save-one; }
@test "save-stack" { faults save-stack; }
@test "save-zip" { faults save-zip; }
@test "save-npz" { faults save-npz; }
@test "save-tar" { faults save-tar; }
@test "save-tgz" { faults save-tgz; }

@test "a program that goes on where its output fails is found out" {
	export FAULTS_SO=$ROOT/build/faults.so
	printf 'one\ntwo\n' >lines
	run python3 "$ROOT/tests/faults.py" --laws disk lines bash -c 'while read -r line; do echo "$line"; done 2>/dev/null; exit 0'
	assert_failure 1
	assert_output --partial 'write 1 of 2: status 0'
	run python3 "$ROOT/tests/faults.py" --laws read lines bash -c 'read -r line; echo "$line"'
	assert_failure 1
	assert_output --partial 'read 1 of'
}

# stdio remembers that a write failed, but not why: "Input/output error" was said where the disk was full.
@test "a full disk is called by its name however much was written before" {
	stream --clouds 2 --points 5000 >large.mfc
	stream --clouds 1 --points 5000 >one.mfc
	mkdir many
	for i in $(seq 2000); do echo '0 0 0' >many/$i.xyz; done
	ln -s /dev/full full.zip
	ln -s /dev/full full.tar.xz
	full() {
		run "$@"
		assert_failure 1
		assert_equal "${#lines[@]}" 1
		assert_output --regexp "^${1}[a-z ]*: (standard output|/dev/full|full\.[a-z.]*): (.*: )?No space left on device\$"
	}
	full mfc-save -f csv -o /dev/full one.mfc
	full mfc-save -f npy -o /dev/full large.mfc
	full mfc-save -o full.zip large.mfc
	full mfc-save -o full.tar.xz large.mfc
	full mfc-load --list -o /dev/full many
	full mfc-load -n 100 --epochs 2 -o /dev/full large.mfc
	full mfc-view -o /dev/full --size 200 large.mfc
}
