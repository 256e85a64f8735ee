# The commands that laws are about (contract.bats, faults.bats), and the streams that they read, which are small.
# shellcheck shell=bash disable=SC2034,SC2054

# COMMAND, PROGRAM and INPUT of a name. noise, interact, split, branch, load and denoise write a stream; loss and metric print text.
command_of() {
	BAD=()   # arguments that are usage errors, each a string
	TEXT=''
	INPUT=$BATS_FILE_TMPDIR/data.mfc
	case $1 in
		noise) COMMAND=(mfc-noise --t 0.5); BAD=('--t 2' '--t 0' '--t nan' '--t x' '--t-from 0.1' '--t 0.5 --t-from 0.1 --t-to 0.2'
				'--to 1') ;;
		interact) COMMAND=(mfc-noise interact --t-to 0.5 --kappa 2); BAD=('--t-to 2' '--t-to 0' '--t-from 0.6' '--t-from -1' '--kappa -0.5' '--kappa x'
				'--steps 0' '--scheme heun' '--law 1:1' '--law 0:-1:3' '--law 0:1:0.5' '--law 0:1:3x') ;;
		split) COMMAND=(mfc-subdivide split --levels 2:4:2,0.5:8:1,0:8:1); BAD=('--levels 1:2' '--levels 0:8' '--levels 1:8:1' '--levels 2:8:1,0:4:1' '--levels 0:0:1' '--levels 0:8:0') ;;
		branch) COMMAND=(mfc-subdivide branch --to 90); BAD=('--to -1' '--to x' '--to 1.5' '--to 0' '--factor 2' '--kernel some' '--kernel-steps 0' '-m some') ;;
		load)   # writes its header with the first cloud, one for all its inputs
			export LAWS_LAZY_HEADER=1
			COMMAND=(mfc-load -n 8 -)
			BAD=('-n 0' '-n -1' '--sample some' '--normalize some' '--shard 2/2' '--shard 1' '--epochs x') ;;
		denoise)
			INPUT=$BATS_FILE_TMPDIR/noised.mfc
			COMMAND=(mfc-score denoise -m "$BATS_FILE_TMPDIR/tiny.mfc" --steps 4)
			BAD=('--steps 0' '--steps x' '--solver some' '--grid some' '--from 0' '--from 1 --to 2' '--level 9' '--last 0') ;;
		oracle)
			INPUT=$BATS_FILE_TMPDIR/noised.mfc
			COMMAND=(mfc-score denoise --oracle "$BATS_FILE_TMPDIR/data.mfc" --steps 4 --solver sde-dpmpp2m)
			BAD=('--steps 0' '-m some' '--level 0' '--leads' '--context 3' '--label some' '--guidance 2' '--oracle -') ;;
		loss)
			INPUT=$BATS_FILE_TMPDIR/noised.mfc
			TEXT=--text
			COMMAND=(mfc-score loss -m "$BATS_FILE_TMPDIR/tiny.mfc"); BAD=('--steps 1' '--oracle some') ;;
		loss-oracle)   # reads its header by itself
			INPUT=$BATS_FILE_TMPDIR/noised.mfc
			TEXT=--text
			COMMAND=(mfc-score loss --oracle "$BATS_FILE_TMPDIR/data.mfc"); BAD=('--raw' '-m some' '--oracle -') ;;
		metric)
			TEXT=--text
			COMMAND=(mfc-metric --reference "$BATS_FILE_TMPDIR/data.mfc"); BAD=('--metrics some' '--normalize some' '-n x') ;;
		chaos)
			TEXT=--text
			COMMAND=(mfc-metric chaos); BAD=('--metrics cd' '--normalize some' '-n x' '-r -') ;;
		correlation)
			TEXT=--text
			COMMAND=(mfc-metric chaos --correlation); BAD=('--metrics cd' '--normalize some' '-n x' '-r -') ;;
		verdict)
			TEXT=--text
			COMMAND=(mfc-metric chaos --verdict --reference "$BATS_FILE_TMPDIR/many.mfc"); BAD=('--metrics cd' '--normalize some' '-n x' '-r -') ;;
		view)
			TEXT=--text
			COMMAND=(mfc-view --terminal); BAD=('--columns x' '--azimuth x' '--size 0') ;;
		save)   # writes a folder
			TEXT=--text
			COMMAND=(mfc-save -f xyz -o out/); BAD=('-f some') ;;
	esac
	PROGRAM=${COMMAND[0]}
	[[ ${COMMAND[1]} != [a-z]* ]] || PROGRAM+=" ${COMMAND[1]}"
}

# Write them where we are.
command_streams() {
	stream --points 40 >data.mfc
	stream --points 40 --clouds 9 >many.mfc
	stream --points 40 --extra --normals >extra.mfc
	mfc-noise --t 0.5 data.mfc >noised.mfc
	mfc-noise --t 0.5 extra.mfc >extra-noised.mfc
	stream --clouds 8 --points 8 | mfc-subdivide split --levels 2:4:2,0.5:8:1,0:8:1 | mfc-noise |
		mfc-score train -m tiny.mfc --steps 2 --width 8 --latents 2 --latent-width 8 --embed 8 --heads 2 --blocks 1 >train.log
}

# A triangle, in a format of assimp's.
collada() {
	cat <<-'END'
		<?xml version="1.0"?><COLLADA xmlns="http://www.collada.org/2005/11/COLLADASchema" version="1.4.1"><asset><unit name="meter" meter="1"/><up_axis>Y_UP</up_axis></asset>
		<library_geometries><geometry id="g"><mesh><source id="p"><float_array id="pa" count="9">0 0 0 1 0 0 0 1 0</float_array><technique_common><accessor source="#pa" count="3" stride="3"><param name="X" type="float"/><param name="Y" type="float"/><param name="Z" type="float"/></accessor></technique_common></source>
		<vertices id="v"><input semantic="POSITION" source="#p"/></vertices><triangles count="1"><input semantic="VERTEX" source="#v" offset="0"/><p>0 1 2</p></triangles></mesh></geometry></library_geometries>
		<library_visual_scenes><visual_scene id="s"><node id="n"><instance_geometry url="#g"/></node></visual_scene></library_visual_scenes><scene><instance_visual_scene url="#s"/></scene></COLLADA>
	END
}
