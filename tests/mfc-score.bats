bats_require_minimum_version 1.5.0
load common

LEVELS=2:8:4,0.5:16:2,0:32:2   # 8 clouds a step
TINY=(--width 8 --latents 2 --latent-width 8 --embed 8 --heads 2 --blocks 1)

setup() { common_setup; }

# Training's law of noise levels, P(s < S), in Python.
LAW='from math import log
from statistics import NormalDist
def cdf(s): return 0.85 * NormalDist(-0.6, 1.4).cdf(log(s)) + 0.15 * min(1, max(0, log(s / 0.002) / log(0.3 / 0.002)))
'

# Noised clouds of these levels: noised [stream option ...]
noised() {
	stream --points 64 "$@" | mfc-subdivide split --levels "$LEVELS" | mfc-noise
}

# A model of three steps: train [option ...] < noised
train() {
	mfc-score train -@ 1 "${TINY[@]}" "$@"
}

model() {
	noised --clouds 24 | train -m model.mfc --steps 3 >log.tsv
}

# Two model files hold the same tensors, optimiser included; their histories may differ.
same_tensors() {
	python3 - "$@" <<'END'
import sys, msgpack
a, b = ([m for m in msgpack.Unpacker(open(p, "rb"), max_buffer_size=0) if "id" in m] for p in sys.argv[1:])
sys.exit(not (a == b and len(a) >= 16 and all("adam_v" in m for m in a)))
END
}

# Root mean square difference of x between two streams of the same clouds
apart() {
	python3 - "$@" <<'END'
import sys, msgpack, numpy as np
a, b = (np.concatenate([np.frombuffer(m["x"]["data"], "<f4") for m in msgpack.Unpacker(open(p, "rb")) if "id" in m]) for p in sys.argv[1:])
print(np.sqrt(((a - b) ** 2).mean()))
END
}

below() {
	python3 -c 'import sys; sys.exit(not float(sys.argv[1]) < float(sys.argv[2]))' "$@"
}

# --- train

@test "train: a model of the stream's levels, and a log with the named columns" {
	noised --clouds 24 | train -m model.mfc --steps 3 --log-every 1 >log.tsv
	run -0 cat log.tsv
	assert_line -n 0 $'step\tseconds\tparticles\tloss\tlr\tgrad_norm\tloss_0\tloss_1\tloss_2'
	assert_equal "${#lines[@]}" 4
	assert_equal "$(cut -f1,3 log.tsv | tail -1)" $'3\t384'   # 3 · (4·8 + 2·16 + 2·32)
	awk -F'\t' 'NF != 9 { exit 1 } NR > 1 && !($4 > 0.2 && $4 < 5 && $6 > 0) { exit 1 }' log.tsv
	run -0 mfc-score show model.mfc
	assert_line $'training.steps\t3'
	assert_line --partial "s from 2 to 0.5, 16 particles, 2 clouds a step"
}

@test "train: the loss is the levels' losses, weighted by their probabilities" {
	noised --clouds 8 | train -m model.mfc --steps 1 --log-every 1 >log.tsv
	python3 - <<END
$LAW
row = [float(v) for v in open("log.tsv").read().splitlines()[1].split("\t")]
want = (1 - cdf(2)) * row[6] + (cdf(2) - cdf(0.5)) * row[7] + cdf(0.5) * row[8]
assert abs(want - row[3]) < 2e-5, (want, row)
END
}

@test "train: it learns: the loss falls below that of the first steps" {
	# Clouds on a line have a simple score.
	stream --clouds 8 --points 64 | edit "if 'x' in m: x = m['x']['data']; m['x']['data'] = b''.join(x[i:i + 4] + bytes(8) for i in range(0, 768, 12))" >line.mfc
	args=(); for i in {1..100}; do args+=(line.mfc); done
	mfc-subdivide split --levels "$LEVELS" "${args[@]}" | mfc-noise | train -m model.mfc --steps 100 --lr 0.02 --log-every 10 >log.tsv
	first=$(sed -n 2p log.tsv | cut -f4)
	below "$(tail -1 log.tsv | cut -f4)" "$(python3 -c "print(0.7 * $first)")"
}

@test "train: same seed, same threads: the same bytes" {
	noised --clouds 24 >in.mfc
	for dir in a b; do
		mkdir $dir
		(cd $dir && mfc-score train -@ 2 "${TINY[@]}" -m model.mfc --steps 3 ../in.mfc >log.tsv)
	done
	cmp a/model.mfc b/model.mfc
	cmp <(cut -f1,3- a/log.tsv) <(cut -f1,3- b/log.tsv)
}

@test "train: another seed, another model" {
	noised --clouds 8 >in.mfc
	train -m a.mfc --steps 1 -s 1 in.mfc >/dev/null
	train -m b.mfc --steps 1 -s 2 in.mfc >/dev/null
	run ! same_tensors a.mfc b.mfc
}

@test "train: --resume goes on to the same bits after a stream that was cut short" {
	noised --clouds 40 >in.mfc
	train -m whole.mfc --steps 5 in.mfc >/dev/null
	# Cut inside the third step: two are done, the model of step 2 is kept.
	python3 - <<'END'
import msgpack
data, at, clouds = open("in.mfc", "rb").read(), 0, 0
u = msgpack.Unpacker()
u.feed(data)
for m in u:
    clouds += "id" in m
    if clouds == 20:
        open("cut.mfc", "wb").write(data[:u.tell() - 10])
        break
END
	run -1 --separate-stderr train -m part.mfc --steps 5 cut.mfc
	[[ $stderr == *"cut.mfc: byte "*"(the model of step 2 is kept)" ]]
	run -0 mfc-score show part.mfc
	assert_line $'training.steps\t2'
	train -m part.mfc --steps 5 --resume in.mfc >log.tsv
	assert_equal "$(cut -f1 log.tsv | tail -1)" 5
	same_tensors whole.mfc part.mfc
}

@test "train: --resume goes on to the same bits after SIGTERM, which leaves a readable model" {
	noised --clouds 40 >in.mfc
	train -m whole.mfc --steps 5 in.mfc >/dev/null
	mkfifo pipe log
	# The program itself in the background, not a shell function: the signal must reach it.
	mfc-score train -@ 1 "${TINY[@]}" -m part.mfc --steps 5 --log-every 1 pipe >log &
	pid=$!
	exec 8<log 9>pipe
	head -c "$(($(stat -c %s in.mfc) / 2))" in.mfc >&9
	read -r _ <&8   # the header,
	read -r _ <&8   # and the first step
	kill -TERM $pid
	exec 9>&-
	await $pid && status=0 || status=$?
	exec 8<&-
	assert_equal "$status" 143
	run -0 mfc-score show part.mfc
	[[ $output =~ training.steps$'\t'([1-4])$'\n' ]]
	train -m part.mfc --steps 5 --resume in.mfc >/dev/null
	same_tensors whole.mfc part.mfc
}

@test "train: --resume of a stream that is shorter than what the model has seen" {
	noised --clouds 24 >in.mfc
	train -m model.mfc --steps 3 in.mfc >/dev/null
	noised --clouds 8 >short.mfc
	run -1 train -m model.mfc --steps 9 --resume short.mfc
	assert_output --partial "the stream ends before the 24 clouds that model.mfc has seen"
}

@test "train, loss: clouds in other units than the model's training had are warned of" {
	scaled() {   # SCALE KIND: noised clouds whose header says so
		noised --clouds 32 | edit "if m.get('kind') == 'header': m['normalize'] = {'kind': '$2', 'scale': $1}"
	}
	scaled 0.25 set-std | train -m model.mfc --steps 2 >log.tsv
	scaled 0.25 set-std >same.mfc
	scaled 0.5 set-std >scale.mfc
	scaled 0.25 cloud-std >kind.mfc
	local command
	for command in "train -m copy.mfc --steps 3 --resume" "loss -m copy.mfc"; do
		cp model.mfc copy.mfc
		run -0 --separate-stderr bash -c "mfc-score $command -@ 1 same.mfc"
		refute [ -n "$(grep -i normalised <<<"$stderr")" ]
		cp model.mfc copy.mfc
		run -0 --separate-stderr bash -c "mfc-score $command -@ 1 scale.mfc"
		[[ $stderr == *"scale.mfc: normalised with a scale of 0.5, the model's training with 0.25: mfc-load --like makes them the same"* ]]
		cp model.mfc copy.mfc
		run -0 --separate-stderr bash -c "mfc-score $command -@ 1 kind.mfc"
		[[ $stderr == *"kind.mfc: normalised by cloud-std, the model's training by set-std: are these the same units?"* ]]
	done
}

@test "train: --resume of another dimension" {
	model
	run -1 bash -c "python3 '$BATS_TEST_DIRNAME/stream.py' --dim 2 --points 64 | mfc-noise --t 0.5 | mfc-score train -m model.mfc --steps 9 --resume"
	assert_output --partial "of dimension 3, the stream of 2"
}

@test "train: --checkpoint writes the model on the way" {
	noised --clouds 40 >in.mfc
	mkfifo pipe log
	train -m model.mfc --steps 5 --log-every 1 --checkpoint 0.000001 pipe >log &
	pid=$!
	exec 8<log 9>pipe
	head -c "$(($(stat -c %s in.mfc) / 2))" in.mfc >&9
	read -r _ <&8
	read -r _ <&8
	read -r _ <&8   # two steps: the checkpoint of the first is there
	mfc-score show model.mfc >card.tsv
	grep -q 'training.steps' card.tsv
	kill -KILL $pid
	wait $pid || true
	exec 8<&- 9>&-
	mfc-score show model.mfc >card.tsv
}

@test "train: a stream that ends early is said, and its model kept" {
	noised --clouds 16 >in.mfc
	run -0 --separate-stderr train -m model.mfc --steps 4 in.mfc
	assert_equal "$stderr" "mfc-score train: the stream ended after 2 steps, at 50 % of the budget"
	mfc-score show model.mfc >/dev/null
}

@test "train: a stream that cannot be learnt from leaves the model in place as it was" {
	model
	cp model.mfc before.mfc
	stream --clouds 8 >plain.mfc
	run -1 train -m model.mfc --steps 3 plain.mfc
	assert_output --partial 'cloud "c1": no noise (key eps): has it been through mfc-noise?'
	stream --clouds 0 >none.mfc
	run -1 train -m model.mfc --steps 3 none.mfc
	assert_output --partial "no clouds to learn from"
	run -1 train -m model.mfc --steps 3 /dev/null
	assert_output --partial "/dev/null: empty"
	cmp model.mfc before.mfc
}

@test "train: --time is a budget of seconds" {
	noised --clouds 8 >some.mfc
	args=(); for i in {1..100}; do args+=(some.mfc); done
	while cat "${args[@]}"; do :; done 2>/dev/null | train -m model.mfc --time 0.3 2>err >log.tsv
	run ! grep "stream ended" err
	assert_equal "$(tail -1 log.tsv | awk '{ print ($2 >= 0.2 && $2 < 5) }')" 1
	run -0 mfc-score show model.mfc
	assert_line --partial "training.seconds"
}

@test "train: --levels overrides the stream's" {
	noised --clouds 6 >in.mfc
	train -m model.mfc --steps 2 --levels 1:8:1,0:8:2 in.mfc >log.tsv
	assert_equal "$(head -1 log.tsv | cut -f7-)" $'loss_0\tloss_1'
	run -0 mfc-score show model.mfc
	assert_line --partial "s from 1 to 0, 8 particles, 2 clouds a step"
	refute_line --partial "level.2"
}

@test "train: --validate adds the loss of other clouds" {
	noised --clouds 16 >in.mfc
	noised --clouds 8 --prefix v --seed 2 >other.mfc
	train -m model.mfc --steps 2 --log-every 1 --validate other.mfc in.mfc >log.tsv
	assert_equal "$(head -1 log.tsv | cut -f10)" validation
	mfc-score loss -m model.mfc other.mfc >loss.tsv
	assert_equal "$(tail -1 log.tsv | cut -f10)" "$(awk '$1 == "all" { printf "%.5f", $4 }' loss.tsv)"
	train -m same.mfc --steps 2 in.mfc >/dev/null
	same_tensors model.mfc same.mfc   # validating changes nothing
}

@test "train: --sobolev adds its column, and leaves the loss what it is" {
	noised --clouds 16 >in.mfc
	train -m plain.mfc --steps 2 --log-every 1 in.mfc >plain.tsv
	train -m none.mfc --steps 2 --log-every 1 --sobolev 0 in.mfc >none.tsv
	train -m some.mfc --steps 2 --log-every 1 --sobolev 0.5 --validate in.mfc in.mfc >some.tsv
	same_tensors plain.mfc none.mfc
	run ! same_tensors plain.mfc some.mfc
	cmp <(cut -f1,3- plain.tsv) <(cut -f1,3- none.tsv)
	assert_equal "$(head -1 some.tsv | cut -f10-)" $'sobolev\tvalidation'
	first=$(awk -F'\t' '$1 == 1' plain.tsv | cut -f4,7-9)
	assert_equal "$(awk -F'\t' '$1 == 1' some.tsv | cut -f4,7-9)" "$first"
	# A network that is zero: the mean of (d + 1) / (1 + s²), about, over the law of s.
	awk -F'\t' '$1 == 1 && $10 > 1 && $10 < 4 { ok = 1 } END { exit !ok }' some.tsv
}

@test "train: --sobolev draws the same whatever the threads, and wherever the training was cut" {
	noised --clouds 40 >in.mfc
	train -m whole.mfc --steps 5 --sobolev 0.5 --log-every 1 in.mfc >one.tsv
	train -m part.mfc --steps 5 --sobolev 0.5 <(edit "if 'id' in m and count == 16: break" <in.mfc) >/dev/null 2>&1 || true
	run -0 mfc-score show part.mfc
	assert_line $'training.steps\t2'
	train -m part.mfc --steps 5 --sobolev 0.5 --resume in.mfc >/dev/null
	same_tensors whole.mfc part.mfc
	mfc-score train -@ 3 "${TINY[@]}" -m three.mfc --steps 5 --sobolev 0.5 --log-every 1 in.mfc >three.tsv
	python3 - <<'END'
a, b = ([float(l.split("\t")[9]) for l in open(p).readlines()[1:]] for p in ("one.tsv", "three.tsv"))
assert len(a) == 5 and all(abs(p - q) < 1e-3 * p for p, q in zip(a, b)), (a, b)
END
	train -m seed.mfc --steps 5 --sobolev 0.5 -s 7 in.mfc >/dev/null
	run ! same_tensors whole.mfc seed.mfc
}

@test "train: --parametrization epsilon: a network that predicts the noise" {
	noised --clouds 24 >in.mfc
	train -m model.mfc --steps 3 --parametrization epsilon --sobolev 0.1 in.mfc >log.tsv
	run -0 mfc-score show model.mfc
	assert_line $'model.parametrization\tepsilon'
	# The form is the model's.
	train -m model.mfc --steps 2 --parametrization epsilon in.mfc >/dev/null
	train -m model.mfc --steps 3 --resume in.mfc >/dev/null
	run -0 mfc-score show model.mfc
	assert_line $'model.parametrization\tepsilon'
	# Before it has learnt anything D = y, and the flow stands still: y = x / alpha to the end.
	train -m zero.mfc --steps 1 --lr 1e-12 --parametrization epsilon in.mfc >/dev/null
	stream --clouds 1 --points 8 | mfc-noise --t 0.3 >noisy.mfc
	mfc-score denoise -m zero.mfc --solver dpmpp2m noisy.mfc >out.mfc
	edit "if 'x' in m: import numpy as np; m['x']['data'] = (np.frombuffer(m['x']['data'], '<f4') * (1 + m['s'] ** 2) ** 0.5).astype('<f4').tobytes()" \
		<noisy.mfc >y.mfc
	below "$(apart out.mfc y.mfc)" 1e-4
	run -2 train -m other.mfc --steps 1 --parametrization v in.mfc
	assert_output --partial "--parametrization v: not edm or epsilon"
}

@test "a model that does not say its parametrization is edm" {
	model
	stream --clouds 1 --points 8 | mfc-noise --t 0.3 >in.mfc
	edit "if 'model' in m: assert m['model'].pop('parametrization') == 'edm'" <model.mfc >old.mfc
	cmp <(mfc-score denoise --no-history -m model.mfc in.mfc) <(mfc-score denoise --no-history -m old.mfc in.mfc)
	broken "if 'model' in m: m['model']['parametrization'] = 'v'" 'parametrization "v" is unknown here'
}

@test "train: --frequencies is the model's; one that does not say has five" {
	noised --clouds 24 >in.mfc
	for f in 5 16; do
		train -m $f.mfc --steps 3 --frequencies $f in.mfc >/dev/null
		run -0 mfc-score show --tensors $f.mfc
		assert_line --regexp $'^embed.weight\t8x'$((3 * (1 + 2 * f)))$'\t'
	done
	run -0 mfc-score show 16.mfc
	assert_line $'model.frequencies\t16'
	edit "if 'model' in m: assert m['model'].pop('frequencies') == 5" <5.mfc >old.mfc
	stream --clouds 1 | mfc-noise --t 0.3 | mfc-score denoise --no-history -m 5.mfc >a.mfc
	stream --clouds 1 | mfc-noise --t 0.3 | mfc-score denoise --no-history -m old.mfc | cmp - a.mfc
	run -0 mfc-score show old.mfc
	edit "if 'model' in m: m['model'].pop('frequencies')" <16.mfc >old.mfc
	run -1 mfc-score show old.mfc
	assert_output --partial 'tensor "embed.weight": x has another shape'
	for f in 4 17; do
		run -1 train -m other.mfc --steps 1 --frequencies $f in.mfc
		assert_output --partial "network: $f frequencies, not between 5 and 16"
	done
	model   # and ten by default
	run -0 mfc-score show model.mfc
	assert_line $'model.frequencies\t10'
}

@test "train: --arch none makes a network whose particles do not see each other" {
	noised --clouds 8 | train -m model.mfc --steps 1 --arch none >/dev/null
	run -0 mfc-score show model.mfc
	assert_line $'model.network\tnone'
	# A particle's way is the same whatever the others are: the first half of a cloud, alone.
	stream --clouds 1 --points 16 | mfc-noise --t 0.5 >all.mfc
	edit "if 'x' in m: m.pop('eps'); m['x'] = {'shape': [8, 3], 'dtype': '<f4', 'data': m['x']['data'][:96]}" <all.mfc >half.mfc
	mfc-score denoise -m model.mfc --solver dpmpp2m all.mfc | edit "if 'x' in m: m['x']['data'] = m['x']['data'][:96]" >a.mfc
	mfc-score denoise -m model.mfc --solver dpmpp2m half.mfc >b.mfc
	below "$(apart a.mfc b.mfc)" 1e-5
	# Where nothing starts at zero, it does see them.
	full
	mfc-score denoise -m full.mfc --solver dpmpp2m all.mfc | edit "if 'x' in m: m['x']['data'] = m['x']['data'][:96]" >a.mfc
	mfc-score denoise -m full.mfc --solver dpmpp2m half.mfc >b.mfc
	below 1e-4 "$(apart a.mfc b.mfc)"
}

# learns NETWORK TENSOR OPTION ...: a model of this architecture is trained, written, shown, resumed to the same bits, and denoises; the tensor, which
# starts as zeros, has moved.
learns() {
	local network=$1 tensor=$2
	shift 2
	train -m whole.mfc --steps 5 "$@" in.mfc >log.tsv
	awk -F'\t' 'END { exit !($4 > 0.2 && $4 < 5 && $6 > 0) }' log.tsv
	run -0 mfc-score show whole.mfc
	assert_line $'model.network\t'"$network"
	mfc-score show --tensors whole.mfc | awk -F'\t' -v t="$tensor" '$1 == t { found = $3 > 0 && $4 > 0 } END { exit !found }'
	run -1 train -m part.mfc --steps 5 "$@" cut.mfc
	assert_output --partial "(the model of step 2 is kept)"
	train -m part.mfc --steps 5 --resume in.mfc >/dev/null   # the network is the model's
	same_tensors whole.mfc part.mfc
	rm part.mfc
	mfc-noise prior -m whole.mfc -c 2 -n 30 | mfc-score denoise -m whole.mfc | dump --values >out.json
	jq -se '[.[] | select(.id) | [.x[][] | select(fabs < 100)] | length] == [90, 90]' out.json
}

@test "train: each architecture is learnt, kept, shown, gone on with and denoised with" {
	noised --clouds 40 >in.mfc
	head -c "$(($(stat -c %s in.mfc) / 2))" in.mfc >cut.mfc
	learns latent block.0.write.out.weight
	learns pooled block.0.write.out.weight --arch pooled
	learns pairwise pair.out.weight --arch pairwise
	run -0 mfc-score show whole.mfc
	assert_line $'model.radius\t0.5'
	refute_output --partial model.local
	learns pairwise pair.out.weight --arch pairwise --radius 0.75
	run -0 mfc-score show whole.mfc
	assert_line $'model.radius\t0.75'
	learns none block.0.mlp.2.weight --arch none
}

@test "train: perturbed where a local term sees, not above" {
	noised --clouds 40 >in.mfc
	for below in 1e-6 100; do
		train -m a.mfc --steps 4 --local 2 --below $below in.mfc >/dev/null
		train -m b.mfc --steps 4 --local 2 --below $below --perturb 0 in.mfc >/dev/null
		! mfc-score show --tensors a.mfc | cmp -s - <(mfc-score show --tensors b.mfc) || echo $below
	done >same
	assert_equal "$(cat same)" 1e-6
	run -2 train -m m.mfc --steps 3 --local 2 --perturb -1 in.mfc
	assert_output --partial "--perturb -1: not between 0 and 10"
}

@test "train: a local term, of one window or several" {
	noised --clouds 40 >in.mfc
	head -c "$(($(stat -c %s in.mfc) / 2))" in.mfc >cut.mfc
	learns latent local.weight --local 1.5,3 --below 1
	mfc-score show --tensors whole.mfc >tensors.tsv
	assert_equal "$(grep -o '^local.weight.[0-9x]*\|^embed.weight.[0-9x]*' tensors.tsv | paste -sd ' ' | tr '\t' ' ')" "embed.weight 8x83 local.weight 4x8"
	run -0 mfc-score show whole.mfc
	assert_line $'model.local\t1.5 3'
	assert_line $'model.below\t1'
	assert_line $'model.crowd\t64'
	refute_output --partial model.radius
	learns pooled local.weight --arch pooled --local 4 --below 1
	learns none local.weight --arch none --local 2,4,8,1 --below 1
	learns latent local.weight --local 2 --below 1 --label-key label
}

@test "train: a Python program in the place of mfc-noise" {
	[ "$(wc -l <"$BATS_TEST_DIRNAME/noise.py")" -le 25 ]
	stream --clouds 16 --points 64 | mfc-subdivide split --levels "$LEVELS" | python3 "$BATS_TEST_DIRNAME/noise.py" |
		train -m model.mfc --steps 2 --log-every 1 >log.tsv
	assert_equal "$(tail -1 log.tsv | cut -f1,3)" $'2\t256'
	awk -F'\t' 'NR > 1 && !($4 > 0.2 && $4 < 5) { exit 1 }' log.tsv
	run -0 mfc-score show model.mfc
	assert_line $'training.steps\t2'
	assert_line --regexp 'history.1.*noise.py'
}

@test "train: --resume where there is no model yet begins one, and says so" {
	noised --clouds 16 >in.mfc
	run -0 --separate-stderr train -m model.mfc --steps 2 --resume in.mfc
	assert_equal "$stderr" "mfc-score train: model.mfc: not there yet: a new model"
	run -0 mfc-score show model.mfc
	assert_line $'training.steps\t2'
}

@test "train: runs of one command are one entry of the history, and their model the same bytes; another command is another" {
	noised --clouds 40 >long.mfc
	noised --clouds 24 >in.mfc
	train -m model.mfc --steps 5 in.mfc >/dev/null   # the stream ends after 3
	cp long.mfc in.mfc
	train -m model.mfc --steps 5 --resume in.mfc >/dev/null
	mv model.mfc part.mfc
	train -m model.mfc --steps 5 in.mfc >/dev/null
	cmp part.mfc model.mfc
	run -0 mfc-score show model.mfc
	assert_line --partial history.2
	refute_line --partial history.3
	train -m model.mfc --steps 6 --resume in.mfc 2>/dev/null >/dev/null
	run -0 mfc-score show model.mfc
	assert_line --regexp 'history.3.*--steps 6 in.mfc$'
}

@test "train: killed at random moments and resumed, model and log are byte for byte those of an unbroken run" {
	run -0 "$BATS_TEST_DIRNAME/soak/kill-resume.sh" 3 score
	assert_output --regexp '^score: 3 of 3 equal'
}

@test "train: SIGTERM ends the wait for a log that nobody reads" {
	noised --clouds 40 >in.mfc
	for _ in {1..500}; do cat in.mfc; done >long.mfc
	mkfifo log
	exec 8<>log   # open, but never read: it takes some hundred rows
	mfc-score train -@ 1 "${TINY[@]}" -m model.mfc --steps 100000 --log-every 1 long.mfc >log 8>&- &
	pid=$!
	sleep 3
	kill -TERM $pid
	await $pid && status=0 || status=$?
	exec 8>&-
	assert_equal "$status" 143
	run -0 mfc-score show model.mfc
	[[ $output =~ training.steps$'\t'[1-9] ]]
}

@test "train: SIGTERM ends the wait for a stream that stalls" {
	noised --clouds 40 >in.mfc
	mkfifo pipe log
	mfc-score train -@ 1 "${TINY[@]}" -m model.mfc --steps 5 --log-every 1 pipe >log &
	pid=$!
	exec 8<log 9>pipe
	head -c "$(($(stat -c %s in.mfc) / 2))" in.mfc >&9   # two steps and a half, and no end
	for _ in 1 2 3; do read -r _ <&8; done
	sleep 0.2
	kill -TERM $pid
	await $pid && status=0 || status=$?
	exec 8<&- 9>&-
	assert_equal "$status" 143
	run -0 mfc-score show model.mfc
	assert_line $'training.steps\t2'
	train -m model.mfc --steps 5 --resume in.mfc >/dev/null
	train -m whole.mfc --steps 5 in.mfc >/dev/null
	same_tensors whole.mfc model.mfc
}

@test "train: SIGTERM before the first step leaves what is there" {
	model
	cp model.mfc before.mfc
	mkfifo pipe log
	mfc-score train -@ 1 "${TINY[@]}" -m model.mfc --steps 5 pipe >log &
	pid=$!
	exec 8<log 9>pipe
	noised --clouds 40 | head -c 2000 >&9
	read -r _ <&8   # the names of the columns: the header was read
	sleep 0.2
	kill -TERM $pid
	await $pid && status=0 || status=$?
	exec 8<&- 9>&-
	assert_equal "$status" 143
	cmp model.mfc before.mfc
}

@test "train: --resume goes on with the log of -o, which is that of an unbroken run but for the seconds" {
	noised --clouds 80 >in.mfc
	noised --clouds 8 --prefix v --seed 2 >other.mfc
	edit "if 'id' in m and count == 58: break" <in.mfc >cut.mfc   # within the eighth step
	log=(--log-every 4 --validate other.mfc --sobolev 0.1 --accumulate 1 -o log.tsv)
	train -q -m model.mfc --steps 10 "${log[@]}" in.mfc
	mv model.mfc whole.mfc
	mv log.tsv whole.tsv
	assert_equal "$(cut -f1 whole.tsv | paste -sd,)" step,0,4,8,10
	run -1 train -q -m model.mfc --steps 10 "${log[@]}" cut.mfc
	assert_equal "$(cut -f1 log.tsv | paste -sd,)" step,0,4,7
	cp model.mfc part.mfc
	cp log.tsv part.tsv
	same() {
		train -q -m model.mfc --steps 10 "${log[@]}" --resume in.mfc
		cmp <(cut -f1,3- log.tsv) <(cut -f1,3- whole.tsv)
		same_tensors model.mfc whole.mfc
		cp part.mfc model.mfc
	}
	same
	# Rows of steps that come after the model's, half a row at the end; and once more when all is done.
	printf '8\t0.1\t7\t1\n9\t0.2\t8\n1' >>log.tsv
	same
	train -q -m model.mfc --steps 10 "${log[@]}" --resume in.mfc
	cp model.mfc part.mfc
	same
	# No log: one from here on. Another's is left alone.
	rm log.tsv
	run -0 train -q -m model.mfc --steps 10 "${log[@]}" --resume in.mfc
	assert_equal "$(cat log.tsv | paste -sd,)" "$(head -n 1 whole.tsv)"
	for other in "$(head -n 1 part.tsv | cut -f1-9)" 'some text'; do
		echo "$other" >log.tsv
		run -1 train -q -m model.mfc --steps 10 "${log[@]}" --resume in.mfc
		assert_output "mfc-score train: log.tsv: no log of this training, whose first line names other columns"
		assert_equal "$(cat log.tsv)" "$other"
	done
	{ head -n 1 whole.tsv; echo "some text"; } >log.tsv
	run -1 train -q -m model.mfc --steps 10 "${log[@]}" --resume in.mfc
	assert_output --partial "log.tsv: byte $(head -n 1 whole.tsv | wc -c) is no row's beginning"
	assert_equal "$(ls log.tsv*)" log.tsv
}

@test "train: -o is a file that grows" {
	noised --clouds 40 >in.mfc
	echo old >log.tsv
	mkfifo pipe
	mfc-score train -@ 1 "${TINY[@]}" -m model.mfc --steps 5 --log-every 1 -o log.tsv pipe 8>&- &
	pid=$!
	exec 8>pipe
	head -c "$(($(stat -c %s in.mfc) / 2))" in.mfc >&8
	for _ in {1..100}; do [ "$(tail -n 1 log.tsv | cut -f1)" != 2 ] || break; sleep 0.1; done
	kill -KILL $pid
	wait $pid || true
	exec 8>&-
	assert_equal "$(cut -f1 log.tsv | paste -sd,)" step,1,2
	assert_equal "$(ls log.tsv*)" log.tsv
}

@test "train: --accumulate takes the step of several batches together" {
	noised --clouds 24 >in.mfc
	train -m a.mfc --steps 1 --accumulate 3 in.mfc >a.tsv
	train -m b.mfc --steps 1 --levels 2:8:12,0.5:16:6,0:32:6 in.mfc >b.tsv
	cmp <(cut -f1,3-5 a.tsv) <(cut -f1,3-5 b.tsv)
	run -0 mfc-score show a.mfc
	assert_line $'training.steps\t1'
	assert_line $'training.clouds\t24'
	# A step that the stream's end cuts short is taken on what there is.
	run -0 --separate-stderr train -m c.mfc --steps 9 --accumulate 2 in.mfc
	assert_equal "$stderr" "mfc-score train: the stream ended after 2 steps, at 22 % of the budget"
}

@test "train: --accumulate and --resume: the batches of a step that was not taken are read again" {
	noised --clouds 64 >in.mfc
	train -m whole.mfc --steps 4 --accumulate 2 in.mfc >/dev/null
	head -c "$(($(stat -c %s in.mfc) * 7 / 16))" in.mfc >cut.mfc   # within the fourth batch
	run -1 train -m part.mfc --steps 4 --accumulate 2 cut.mfc
	assert_output --partial "(the model of step 1 is kept)"
	train -m part.mfc --steps 4 --accumulate 2 --resume in.mfc >/dev/null
	same_tensors whole.mfc part.mfc
}

@test "train: --warmup and --constant shape the learning rate" {
	noised --clouds 32 >in.mfc
	run -0 bash -c "mfc-score train -@ 1 ${TINY[*]} -m m.mfc --steps 4 --lr 0.01 --warmup 2 --constant 0.5 --log-every 1 in.mfc | cut -f5"
	assert_output $'lr\n0.005\n0.01\n0.01\n0.005'
	run -0 bash -c "mfc-score train -@ 1 ${TINY[*]} -m m.mfc --steps 4 --lr 0.01 --warmup 0 --constant 1 --log-every 1 in.mfc | cut -f5"
	assert_output $'lr\n0.01\n0.01\n0.01\n0.01'
}

@test "train: --clip, --weight-decay and --ema reach the optimiser" {
	noised --clouds 24 >in.mfc
	train -m default.mfc --steps 3 in.mfc >/dev/null
	train -m same.mfc --steps 3 --clip 1 --weight-decay 0.01 --ema 0.999 --warmup 100 --constant 0.3 in.mfc >/dev/null
	same_tensors default.mfc same.mfc
	for option in "--clip 0.1" "--weight-decay 1" "--ema 0"; do
		# shellcheck disable=SC2086
		train -m other.mfc --steps 3 $option in.mfc >/dev/null
		run ! same_tensors default.mfc other.mfc
	done
	# Without an average the parameters are what denoises.
	edit "assert 'id' not in m or m['ema'] == m['x']" <other.mfc >/dev/null
}

@test "train: the validation loss is told from the start, and the best of it at the end" {
	noised --clouds 32 >in.mfc
	noised --clouds 8 --prefix v --seed 2 >other.mfc
	run -0 --separate-stderr train -m model.mfc --steps 4 --log-every 2 --warmup 0 --ema 0 --validate other.mfc in.mfc
	assert_equal "${#lines[@]}" 4
	[[ ${lines[1]} =~ ^0$'\t'[0-9.]+$'\t'0$'\t'nan$'\t'nan$'\t'nan$'\t'nan$'\t'nan$'\t'nan$'\t'[0-9.]+$ ]]
	read -r loss step < <(tail -n +2 <<<"$output" | cut -f1,10 | sort -k2,2g | awk 'NR == 1 { print $2, $1 }')
	assert_equal "$stderr" "mfc-score train: the best validation loss was $loss, at step $step"
	run -0 mfc-score show model.mfc
	assert_line $'training.validation_step\t'"$step"
	run -0 --separate-stderr train -q -m model.mfc --steps 4 --validate other.mfc in.mfc
	assert_equal "$stderr" ""
}

@test "train: --patience stops what does not improve, and --resume knows" {
	noised --clouds 80 >in.mfc
	noised --clouds 8 --prefix v --seed 2 >other.mfc
	# A rate that moves no parameter.
	still=(-m model.mfc --steps 10 --lr 1e-30 --ema 0 --log-every 2 --validate other.mfc)
	run -0 --separate-stderr train "${still[@]}" --patience 3 in.mfc
	assert_equal "$(tail -n 1 <<<"$output" | cut -f1)" 6
	[[ $stderr == *"no better for 3 rows of the log: stopped after 6 steps, at 60 % of the budget, with the model of the last" ]]
	run -0 --separate-stderr train "${still[@]}" --patience 3 --resume in.mfc
	assert_equal "${#lines[@]}" 1   # no row is added
	run -0 --separate-stderr train "${still[@]}" --patience 4 --resume in.mfc
	assert_equal "$(tail -n 1 <<<"$output" | cut -f1)" 8
	run -0 --separate-stderr train "${still[@]}" --resume in.mfc
	assert_equal "$(tail -n 1 <<<"$output" | cut -f1)" 10
	run -2 train -m model.mfc --steps 1 --patience 3 in.mfc
	assert_output --partial "--patience is with --validate"
}

@test "train: --dry-run prints what training takes, reads no cloud and writes nothing" {
	noised --clouds 24 | head -c 2000 >begun.mfc
	run -0 mfc-score train -@ 2 "${TINY[@]}" -m m.mfc --steps 3 --accumulate 3 --dry-run begun.mfc
	assert_line $'parameters\t3027'
	assert_line $'clouds\t24'
	assert_line $'particles\t384'
	assert_line $'threads\t2'
	assert_line $'bytes.model\t48640'       # parameters, average and two moments, on cache lines,
	assert_line $'bytes.gradients\t36324'   # a gradient a thread, and the turned weights
	assert_equal "$(awk -F'\t' '/^bytes\./ { sum += $2 } $1 == "bytes" { print $2 - sum }' <<<"$output")" 0
	[ ! -e m.mfc ]
	# With --resume the network is the model's.
	model
	cp model.mfc before.mfc
	run -0 mfc-score train -m model.mfc --steps 9 --resume --dry-run begun.mfc
	assert_line $'parameters\t3027'
	cmp model.mfc before.mfc
}

@test "train: the memory of a run is what --dry-run said, to a tenth" {
	! sanitized || skip "a sanitizer has its own memory"
	stream --clouds 2 --points 4096 | mfc-subdivide split --levels 0:4096:2 | mfc-noise --to 0.02 >in.mfc   # below which local terms begin
	peak() { sed -n 's/.*peak memory \([0-9]*\) MiB$/\1/p' "$1"; }
	for options in "-@ 1" "-@ 2" "-@ 1 --local 1.5,3"; do
		# shellcheck disable=SC2086
		mfc-score train -v $options -m m.mfc --steps 1 --dry-run in.mfc >plan.tsv 2>dry.txt
		# shellcheck disable=SC2086
		mfc-score train -v $options -m m.mfc --steps 1 in.mfc >log.tsv 2>run.txt
		said=$(awk -F'\t' '$1 == "bytes" { print $2 / 1048576 }' plan.tsv)
		took=$(($(peak run.txt) - $(peak dry.txt)))
		echo "$options: said $said MiB, took $took"
		below 80 "$said"
		below "$took" "$(awk -v a="$said" 'BEGIN { print 1.1 * a }')"
		below "$(awk -v a="$said" 'BEGIN { print 0.9 * a }')" "$took"
	done
}

@test "train: a run that diverges says where, and keeps the last good checkpoint" {
	noised --clouds 80 >in.mfc
	run -1 --separate-stderr train -m model.mfc --steps 9 --lr 1e30 --warmup 0 --log-every 1 -o log.tsv in.mfc
	[[ $stderr =~ ^'mfc-score train: step 2: '.*' not finite: training has diverged, before a model was written'$ ]]
	[ ! -e model.mfc ]
	assert_equal "$(tail -n 1 log.tsv | cut -f1)" 1   # the log is there
	run -1 --separate-stderr train -m model.mfc --steps 9 --lr 1e30 --warmup 0 --checkpoint 0.000001 in.mfc
	[[ $stderr == *"training has diverged; model.mfc is that of step 1" ]]
	run -0 mfc-score show model.mfc
	assert_line $'training.steps\t1'
	# Thrown out of the numbers by the step itself
	cp model.mfc before.mfc
	run -1 --separate-stderr train -m model.mfc --steps 9 --lr 1e39 --warmup 0 --checkpoint 0.000001 in.mfc
	assert_equal "$stderr" "mfc-score train: step 1: the parameters are not finite: training has diverged, before a model was written"
	cmp model.mfc before.mfc
}

@test "train: a cloud whose loss is not finite is named, and the model before it kept" {
	noised --clouds 40 | edit "if m.get('id') == 'c20': m['x']['data'] = struct.pack('<f', 3e38) * (len(m['x']['data']) // 4)" >in.mfc
	train -m model.mfc --steps 2 in.mfc >/dev/null
	run -1 --separate-stderr train -m model.mfc --steps 5 --resume in.mfc
	assert_equal "$stderr" \
		'mfc-score train: step 3: the loss of cloud "c20" is not finite: training has diverged; model.mfc is that of step 2'
	run -0 mfc-score show model.mfc
	assert_line $'training.steps\t2'
}

@test "train: neighbours of what is not finite are none, and the cloud is named" {
	noised --clouds 8 | edit "if m.get('id') == 'c4': m['x']['data'] = struct.pack('<f', 3e38) * (len(m['x']['data']) // 4)" >in.mfc
	for options in "--arch pairwise" "--local 2"; do
		# shellcheck disable=SC2086
		run -1 --separate-stderr train -m model.mfc --steps 1 $options in.mfc
		assert_equal "$stderr" \
			'mfc-score train: step 1: the loss of cloud "c4" is not finite: training has diverged, before a model was written'
	done
}

@test "train: usage errors" {
	noised --clouds 8 >in.mfc
	run -2 train --steps 3 in.mfc
	assert_output --partial "a model is needed"
	run -2 train -m m.mfc in.mfc
	assert_output --partial "--time SECONDS or --steps COUNT"
	run -2 train -m m.mfc --steps 3 --time 4 in.mfc
	run -2 train -m m.mfc --steps -3 in.mfc
	run -2 train -m m.mfc --steps 3 --lr 0 in.mfc
	run -2 train -m m.mfc --steps 3 in.mfc in.mfc
	run -2 train -m m.mfc --steps 3 --nonsense in.mfc
	for option in "--clip -1" "--weight-decay -1" "--ema 1" "--constant 1.1" "--constant -0.1" "--accumulate 0"; do
		# shellcheck disable=SC2086
		run -2 train -m m.mfc --steps 3 $option in.mfc
	done
	run -2 train -m m.mfc --steps 3 --arch y in.mfc
	assert_output --partial "--arch y: not latent, pooled, pairwise or none"
	for list in x '' 1, ,1 1,,2 1,2,3,4,5 1x; do
		run -2 train -m m.mfc --steps 3 --local "$list" in.mfc
		assert_output --partial "--local $list: not a list of at most 4 widths"
	done
	for list in 0 -1 nan 101 1,inf; do
		run -1 train -m m.mfc --steps 3 --local "$list" in.mfc
		assert_output --regexp "network: a window of [-a-z0-9]+, not between 0.1 and 100"
	done
	run -1 train -m m.mfc --steps 3 --local 1 --below 0 in.mfc
	assert_output --partial "network: a local term below 0 in crowds of 64: both must be above 0"
	run -2 train -m m.mfc --steps 3 --below 1 in.mfc
	assert_output --partial "--below is with --local"
	run -2 train -m m.mfc --steps 3 --local 1 --arch pairwise in.mfc
	assert_output --partial "--local is not with --arch pairwise"
	for options in "" "--local 1" "--arch pooled"; do
		# shellcheck disable=SC2086
		run -2 train -m m.mfc --steps 3 --radius 1 $options in.mfc
		assert_output --partial "--radius is with --arch pairwise"
	done
	for options in "--arch pairwise --radius 0" "--arch pairwise --radius -1" "--arch pairwise --radius 1e9"; do
		# shellcheck disable=SC2086
		run -1 train -m m.mfc --steps 3 $options in.mfc
		assert_output --regexp "network: a radius of [-0-9.e+]+, not between 0 and 1e6"
	done
	run -1 train -m m.mfc --steps 3 --heads 3 in.mfc
	assert_output --partial "divisible by 3 heads"
	run -1 train -m m.mfc --steps 3 --levels 2:8,0:16:1 in.mfc
	assert_output --partial "levels"
	run -1 train -m nowhere/m.mfc --steps 1 in.mfc
	assert_output --partial "nowhere/m.mfc: No such file or directory"
	[ ! -e m.mfc ]
}

# --- denoise

@test "denoise: to a noise level, to a level's end, to data" {
	model
	mfc-noise prior -m model.mfc -c 2 >prior.mfc
	mfc-score denoise -m model.mfc --level 0 prior.mfc >a.mfc
	dump a.mfc | jq -se '[.[] | select(.id) | .s == 2 and (.t > 0.39 and .t < 0.4) and .level == 0 and .x.shape == [8, 3]] == [true, true]'
	mfc-score denoise -m model.mfc --level 1 a.mfc >b.mfc
	dump b.mfc | jq -se '[.[] | select(.id) | .s] == [0.5, 0.5]'
	mfc-score denoise -m model.mfc --level 2 b.mfc >c.mfc
	dump c.mfc | jq -se '[.[] | select(.id) | has("t") or has("s") or has("level") or has("eps")] == [false, false]'
	mfc-score denoise -m model.mfc --to 1.5 prior.mfc >d.mfc
	dump d.mfc | jq -se '[.[] | select(.id) | .s] == [1.5, 1.5]'
	mfc-score denoise -m model.mfc prior.mfc | dump | jq -se '[.[] | select(.id) | has("s")] == [false, false]'
}

@test "denoise: t and s of what it writes agree" {
	model
	mfc-noise prior -m model.mfc -c 1 | mfc-score denoise -m model.mfc --to 0.7 | dump >out.json
	python3 - <<'END'
import json, math
m = [m for m in map(json.loads, open("out.json")) if "id" in m][0]
alpha = math.exp(-0.25 * m["t"] ** 2 * 19.9 - 0.05 * m["t"])
assert abs(math.sqrt(1 - alpha * alpha) / alpha - 0.7) < 1e-9
END
}

@test "denoise: a cloud outside of the level is named" {
	model
	mfc-noise prior -m model.mfc -c 1 >prior.mfc
	run -1 bash -c 'mfc-score denoise -m model.mfc --level 1 prior.mfc >out.mfc'
	assert_output 'mfc-score denoise: cloud "sample-000001": at s = 20, not within level 1 (s from 2 to 0.5)'
	run -1 bash -c 'mfc-score denoise -m model.mfc --level 0 prior.mfc | mfc-score denoise -m model.mfc --level 0 >out.mfc'
	assert_output --partial "not within level 0 (s from 20 to 2)"
	stream --clouds 1 | mfc-noise --t 0.3 >low.mfc
	run -1 bash -c 'mfc-score denoise -m model.mfc --to 3 low.mfc >out.mfc'
	assert_output --partial 'cloud "c1": at s = 1.23415, from where there is no way down to 3'
}

@test "denoise: data have no noise level, unless --from gives one" {
	model
	stream --clouds 1 >data.mfc
	run -1 bash -c 'mfc-score denoise -m model.mfc data.mfc >out.mfc'
	assert_output --partial 'cloud "c1": no noise level'
	mfc-score denoise -m model.mfc --from 0.3 --to 0.1 data.mfc | dump | jq -se '[.[] | select(.id) | .s] == [0.1]'
}

@test "denoise: deterministic, and the same with any number of threads" {
	model
	stream --clouds 7 --points 50 | mfc-noise --t 0.3 >in.mfc
	mfc-score denoise --no-history -m model.mfc -@ 1 in.mfc >a.mfc
	mfc-score denoise --no-history -m model.mfc -@ 1 in.mfc >b.mfc
	mfc-score denoise --no-history -m model.mfc -@ 3 in.mfc >c.mfc
	cmp a.mfc b.mfc
	cmp a.mfc c.mfc
	mfc-score denoise --no-history -m model.mfc -s 1 in.mfc >d.mfc
	below 0.01 "$(apart a.mfc d.mfc)"
}

@test "denoise: a cloud's way does not depend on the others in the stream" {
	model
	stream --clouds 4 --points 20 | mfc-noise --t 0.3 >all.mfc
	edit "if m.get('id') not in (None, 'c3'): drop()" <all.mfc >one.mfc
	mfc-score denoise --no-history -m model.mfc all.mfc | edit "if m.get('id') not in (None, 'c3'): drop()" >a.mfc
	mfc-score denoise --no-history -m model.mfc one.mfc >b.mfc
	assert_equal "$(apart a.mfc b.mfc)" 0.0
}

@test "denoise: the solvers of the ODE agree as steps grow, on either grid" {
	model
	stream --clouds 2 --points 20 | mfc-noise --t 0.5 >in.mfc
	for solver in heun dpmpp2m; do
		for grid in log-snr edm edm:3; do
			for steps in 20 640; do
				mfc-score denoise -m model.mfc --solver $solver --grid $grid --steps $steps in.mfc >$solver.$grid.$steps.mfc
			done
			below "$(apart $solver.$grid.640.mfc heun.log-snr.640.mfc)" 1e-3
			below "$(apart $solver.$grid.640.mfc heun.log-snr.640.mfc)" "$(apart $solver.$grid.20.mfc heun.log-snr.640.mfc)"
		done
	done
	# With few steps grids are told apart, and edm is that of Karras et al.
	below 1e-3 "$(apart dpmpp2m.edm.20.mfc dpmpp2m.edm:3.20.mfc)"
	mfc-score denoise --no-history -m model.mfc --grid edm in.mfc >a.mfc
	mfc-score denoise --no-history -m model.mfc --grid edm:7 in.mfc >b.mfc
	cmp a.mfc b.mfc
}

@test "denoise: the solvers of the SDE part copies, those of the ODE do not" {
	model
	stream --clouds 1 --points 8 | mfc-noise --t 0.3 | mfc-subdivide branch --to 16 >copies.mfc
	for solver in dpmpp2m heun sde-dpmpp2m euler-maruyama; do
		mfc-score denoise -m model.mfc --solver $solver copies.mfc >out.mfc
		dump --values out.mfc | jq -s "[.[] | select(.id) | .x[]] | unique | length" >>count
	done
	assert_equal "$(paste -sd ' ' count)" "8 8 16 16"
	# The default below the first boundary is
	mfc-score denoise --no-history -m model.mfc --solver sde-dpmpp2m copies.mfc >a.mfc
	mfc-score denoise --no-history -m model.mfc copies.mfc >b.mfc
	cmp a.mfc b.mfc
}

@test "denoise: stratified noise parts copies, whatever the threads; a solver of the ODE has none" {
	model
	stream --clouds 2 --points 8 | mfc-noise --t 0.3 | mfc-subdivide branch --to 9000 >copies.mfc   # so many have all threads
	for solver in sde-dpmpp2m euler-maruyama; do
		mfc-score denoise --no-history -@ 1 -m model.mfc --stratify --solver $solver --to 0.1 copies.mfc >a.mfc
		mfc-score denoise --no-history -@ 3 -m model.mfc --stratify --solver $solver --to 0.1 copies.mfc >b.mfc
		cmp a.mfc b.mfc
		mfc-score denoise --no-history -m model.mfc --solver $solver --to 0.1 copies.mfc >b.mfc
		run ! cmp -s a.mfc b.mfc
		assert_equal "$(dump --values a.mfc | jq -s '[.[] | select(.id) | .x[]] | unique | length')" 18000
	done
	for solver in dpmpp2m heun; do
		run -2 mfc-score denoise -m model.mfc --stratify --solver $solver copies.mfc
		assert_line --partial "--stratify is of the stochastic solvers: $solver has no noise"
	done
	stream --clouds 1 --dim 9 | mfc-noise --t 0.3 >nine.mfc
	printf 'weight mean mean mean mean mean mean mean mean mean sd\n1 0 0 0 0 0 0 0 0 0 1\n' >nine
	run -2 mfc-score denoise --oracle nine --stratify nine.mfc
	assert_line --partial '--stratify is for up to 8 coordinates: the oracle has 9'
}

@test "denoise: from the prior the default is a solver of the ODE, which draws nothing" {
	model
	mfc-noise prior -m model.mfc -c 1 >prior.mfc
	mfc-score denoise -m model.mfc --level 0 -s 1 prior.mfc >a.mfc
	mfc-score denoise -m model.mfc --level 0 -s 2 prior.mfc >b.mfc
	assert_equal "$(apart a.mfc b.mfc)" 0.0
	mfc-score denoise -m model.mfc --level 0 --solver dpmpp2m prior.mfc >b.mfc
	assert_equal "$(apart a.mfc b.mfc)" 0.0
}

@test "denoise: one step takes one evaluation" {
	model
	stream --clouds 1 | mfc-noise --t 0.3 >in.mfc
	mfc-score denoise -m model.mfc --steps 1 in.mfc >out.mfc
	dump out.mfc | jq -se '[.[] | select(.id) | has("s")] == [false]'
	run -2 mfc-score denoise -m model.mfc --steps 0 in.mfc
}

# A model whose tensors are nowhere zero, so that particles see each other
full() {
	model
	edit "if 'ema' in m: n = len(m['ema']['data']) // 4; m['ema']['data'] = struct.pack(f'<{n}f', *(0.3 * (7 * i % 5 - 2) for i in range(n)))" \
		<model.mfc >full.mfc
}

@test "denoise: --leads: particles beyond the context are passengers" {
	full
	stream --clouds 1 --points 24 | mfc-noise --t 0.3 >all.mfc
	lead="if 'x' in m: m.pop('eps', 0); m['x'] = {'shape': [16, 3], 'dtype': '<f4', 'data': m['x']['data'][:192]}"
	edit "$lead" <all.mfc >lead.mfc
	mfc-score denoise -m full.mfc --solver dpmpp2m --context 16 --leads all.mfc | edit "$lead" >a.mfc
	mfc-score denoise -m full.mfc --solver dpmpp2m lead.mfc >b.mfc
	below "$(apart a.mfc b.mfc)" 1e-5
	# With fewer they do not see the same, nor with others than the first.
	mfc-score denoise -m full.mfc --solver dpmpp2m --context 8 --leads all.mfc | edit "$lead" >c.mfc
	below 1e-4 "$(apart c.mfc b.mfc)"
	mfc-score denoise -m full.mfc --solver dpmpp2m --context 16 all.mfc | edit "$lead" >d.mfc
	below 1e-4 "$(apart d.mfc b.mfc)"
	# As many as there are is all of them.
	mfc-score denoise -m full.mfc --solver dpmpp2m --context 24 all.mfc >e.mfc
	mfc-score denoise -m full.mfc --solver dpmpp2m --context 1000 --leads all.mfc >f.mfc
	assert_equal "$(apart e.mfc f.mfc)" 0.0
}

@test "denoise: the context is drawn anew at every evaluation, by the seed alone" {
	full
	stream --clouds 5 --points 24 | mfc-noise --t 0.3 >in.mfc
	# By default it is as many as in training: 8 above s = 2, then 16, below s = 0.5 all of them.
	go() { mfc-score denoise --no-history -m full.mfc --solver dpmpp2m --to 0.6 "$@" in.mfc; }
	go -@ 1 >a.mfc
	go -@ 3 | cmp - a.mfc
	go --context 16 | cmp - a.mfc
	go -s 1 >b.mfc
	below 1e-4 "$(apart a.mfc b.mfc)"
	# Always the same particles, and all of them: no chance is left.
	go --leads >c.mfc
	go --leads -s 1 | cmp - c.mfc
	go --context 24 >d.mfc
	go --context 24 -s 1 | cmp - d.mfc
	# Two steps in one run or in two: the second run begins again with the first draw, so only where nothing is drawn are they the same.
	for what in --leads ''; do
		step() { mfc-score denoise --no-history -m full.mfc --solver heun --context 8 $what "$@"; }
		step --from 1 --to 0.6 in.mfc >once.mfc
		step --from 1 --to 0.7745966692 in.mfc | step --to 0.6 >twice.mfc
		apart once.mfc twice.mfc >>apart
	done
	below "$(sed -n 1p apart)" 1e-5
	below 1e-4 "$(sed -n 2p apart)"
}

# A model with a local term that does something: its crowd at s = 1.6 is of 25 particles.
local_() {
	noised --clouds 40 >train.mfc
	train -m model.mfc --steps 12 --lr 0.03 --warmup 0 --local 2 --below 2 train.mfc >/dev/null
	stream --clouds 2 --points 40 | mfc-noise --to 1.6 >in.mfc
}

@test "denoise: the crowd of a local term is a random choice, or with --leads of the first" {
	local_
	step() { mfc-score denoise --no-history -m model.mfc --solver heun --to 1.5 --steps 1 --context 8 "$@"; }
	step --leads in.mfc >a.mfc
	step --leads -s 3 in.mfc | cmp - a.mfc
	step in.mfc >b.mfc
	below 1e-6 "$(apart a.mfc b.mfc)"
	# The last particle is nobody's neighbour then.
	edit "if 'x' in m: m['x']['data'] = m['x']['data'][:-12] + bytes(12)" <in.mfc | step --leads >c.mfc
	cut='if "x" in m: m["x"].update(shape=[39, 3], data=m["x"]["data"][:-12])'
	edit "$cut" <c.mfc | cmp - <(edit "$cut" <a.mfc)
	# The first is.
	edit "if 'x' in m: m['x']['data'] = bytes(12) + m['x']['data'][12:]" <in.mfc | step --leads >d.mfc
	edit "if 'x' in m: m['x'].update(shape=[39, 3], data=m['x']['data'][12:])" <a.mfc >a-rest.mfc
	edit "if 'x' in m: m['x'].update(shape=[39, 3], data=m['x']['data'][12:])" <d.mfc >d-rest.mfc
	below 1e-7 "$(apart a-rest.mfc d-rest.mfc)"
}

@test "loss: particles beyond those that are learnt from are neighbours" {
	stream --clouds 60 --points 32 | mfc-subdivide split --levels 0:8:2:32 | mfc-noise --to 0.6 >in.mfc
	train -m model.mfc --steps 20 --lr 0.03 --warmup 0 --local 2 --below 1 in.mfc >/dev/null
	mfc-score loss -m model.mfc in.mfc >a.tsv
	assert_equal "$(tail -n 1 a.tsv | cut -f 2,3)" $'60\t480'
	# Their coordinates count, their errors do not: half of the noise beyond the first eight.
	edit "
    if 'id' in m:
        half = lambda d: d[:96] + struct.pack('<%df' % (len(d) // 4 - 24), *[v / 2 for v in struct.unpack('<%df' % (len(d) // 4 - 24), d[96:])])
        for k in 'x', 'eps': m[k]['data'] = half(m[k]['data'])" <in.mfc | mfc-score loss -m model.mfc >b.tsv
	[ "$(tail -n 1 a.tsv | cut -f 4)" != "$(tail -n 1 b.tsv | cut -f 4)" ]
	# Without a local term they are nothing to the others.
	train -m model.mfc --steps 20 --lr 0.03 --warmup 0 in.mfc >/dev/null
	mfc-score loss -m model.mfc in.mfc >a.tsv
	edit "if 'id' in m: m['x']['data'], m['eps']['data'] = (m[k]['data'][:96] + bytes(len(m[k]['data']) - 96) for k in ('x', 'eps'))" <in.mfc |
		mfc-score loss -m model.mfc | cmp - a.tsv
}

@test "denoise: a cloud that is worth all threads: the same bytes at one and at three" {
	full
	stream --clouds 3 --points 8192 | mfc-noise --t 0.3 |
		edit "if 'x' in m and m['id'] == 'c2': m['x'].update(shape=[8191, 3], data=m['x']['data'][12:]); m.pop('eps')" >in.mfc
	go() { mfc-score denoise --no-history -m full.mfc --steps 8 "$@"; }
	go -@ 1 in.mfc >a.mfc
	go -@ 3 in.mfc | cmp - a.mfc
	go -@ 1 --leads --solver dpmpp2m in.mfc >b.mfc
	go -@ 3 --leads --solver dpmpp2m in.mfc | cmp - b.mfc
	go -@ 2 -s 1 in.mfc >c.mfc
	below 1e-3 "$(apart a.mfc c.mfc)"
	# One below that number takes the same way.
	edit "if 'x' in m: m['x'].update(shape=[8191, 3], data=m['x']['data'][:12 * 8191]); m.pop('eps', 0)" <in.mfc >less.mfc
	go --leads --solver dpmpp2m --last 0.005 in.mfc | edit "if 'x' in m: m['x'].update(shape=[8191, 3], data=m['x']['data'][:12 * 8191])" >d.mfc
	go --leads --solver dpmpp2m --last 0.005 less.mfc >e.mfc
	below "$(apart d.mfc e.mfc)" 1e-6
}

@test "denoise: permuted particles take permuted ways" {
	model
	stream --clouds 1 --points 32 | mfc-noise --t 0.5 | edit "m.pop('eps', 0)" >in.mfc
	turn="if 'x' in m: m['x']['data'] = b''.join(m['x']['data'][i:i + 12] for i in range(372, -12, -12))"
	edit "$turn" <in.mfc | mfc-score denoise -m model.mfc --solver dpmpp2m | edit "$turn" >a.mfc
	mfc-score denoise -m model.mfc --solver dpmpp2m in.mfc >b.mfc
	below "$(apart a.mfc b.mfc)" 1e-5
}

@test "denoise: other keys stay, and normalisation comes from the model" {
	noised --clouds 8 | edit "if m.get('kind') == 'header': m['normalize'] = {'mode': 'set-std', 'center': [1.0, 2.0, 3.0], 'scale': 5.0}" |
		train -m model.mfc --steps 1 >/dev/null
	stream --clouds 1 --points 8 --extra --normals | mfc-noise --t 0.3 >in.mfc
	mfc-score denoise -m model.mfc in.mfc | dump >out.json
	dump in.mfc >in.json
	jq -se '.[0].normalize.scale == 5 and .[1].scale == 5 and .[1].center == [1, 2, 3]' out.json
	assert_equal "$(jq -s -c '.[1] | del(.x, .eps, .t, .s)' in.json)" "$(jq -s -c '.[1] | del(.x, .scale, .center)' out.json)"
}

@test "denoise: a cloud of another dimension" {
	model
	run -1 bash -c "python3 '$BATS_TEST_DIRNAME/stream.py' --dim 2 | mfc-noise --t 0.3 | mfc-score denoise -m model.mfc >out.mfc"
	assert_output --partial 'cloud "c1": 2 coordinates where the model has 3'
}

@test "denoise: usage errors" {
	model
	stream --clouds 1 | mfc-noise --t 0.3 >in.mfc
	run -2 mfc-score denoise in.mfc
	run -2 mfc-score denoise -m model.mfc --level 3 in.mfc
	assert_output --partial "the model has levels 0 to 2"
	run -2 mfc-score denoise -m model.mfc --level one in.mfc
	run -2 mfc-score denoise -m model.mfc --level 1 --to 0.3 in.mfc
	run -2 mfc-score denoise -m model.mfc --from 1 --to 2 in.mfc
	assert_output --partial "noise levels must fall"
	run -2 mfc-score denoise -m model.mfc --solver rk4 in.mfc
	assert_output --partial "not dpmpp2m, sde-dpmpp2m, heun or euler-maruyama"
	for grid in cosine edm:0 edm:-1 edm:x edm:7x edm: edm7 edm:inf edm:nan ''; do
		run -2 mfc-score denoise -m model.mfc --grid "$grid" in.mfc
		assert_output --partial "--grid $grid: not log-snr, edm or edm:RHO"
	done
	local bad
	for bad in '--last 0' '--last -1' '--last 20' '--from -1' '--from 0' '--from 1 --to 1'; do
		# shellcheck disable=SC2086
		run -2 mfc-score denoise -m model.mfc $bad in.mfc
	done
	run -1 mfc-score denoise -m nowhere.mfc in.mfc
	assert_output --partial "nowhere.mfc: No such file or directory"
}

# --- loss

# The table of mfc-score loss on standard input as a Python dictionary R[row][column], for what follows.
TABLE='import sys, math
head, *rows = [l.rstrip("\n").split("\t") for l in open("loss.tsv")]
R = {r[0]: dict(zip(head[1:], map(float, r[1:]))) for r in rows}
'

# near VALUE COLUMN ROW: what the table has there is this, within four of its standard errors, which are below a given one
NEAR='
def near(want, column, row, most):
    got, error = R[row][column], R[row][column + "_error"]
    assert abs(got - want) <= 4 * error and error < most, (row, column, want, got, error)
'

@test "loss: objective, bound and entropy by level, and in total" {
	model
	noised --clouds 16 >in.mfc
	mfc-score loss -m model.mfc in.mfc >loss.tsv
	run -0 cat loss.tsv
	assert_line -n 0 $'level\tclouds\tparticles\tloss\tloss_error\tbound\tbound_error\tentropy\tentropy_error'
	assert_equal "$(cut -f1 loss.tsv | tail -n +2 | paste -sd ' ')" "0 1 2 prior data all"
	assert_equal "$(cut -f1-3 loss.tsv | tail -1)" $'all\t16\t256'
	python3 - <<END
$TABLE$LAW
weight = 1 - cdf(2), cdf(2) - cdf(0.5), cdf(0.5)
assert abs(sum(w * R[str(k)]["loss"] for k, w in enumerate(weight)) - R["all"]["loss"]) < 1e-5, R
error = math.sqrt(sum((w * R[str(k)]["loss_error"]) ** 2 for k, w in enumerate(weight)))
assert 0 < error and abs(error - R["all"]["loss_error"]) < 1e-5, R
for c in "bound", "entropy":
    parts = [R[k] for k in R if k != "all"]
    assert abs(sum(p[c] for p in parts) - R["all"][c]) < 1e-5, R
    assert abs(math.sqrt(sum(p[c + "_error"] ** 2 for p in parts)) - R["all"][c + "_error"]) < 1e-5, R
END
}

# The exact denoiser of N(0, SD² I): a network that is zero. gaussian SD FORM CLOUDS: loss.tsv of as many clouds of 64 particles, all of which
# every level takes whole.
gaussian() {
	stream --clouds "$3" --points 64 | edit "
    if 'x' in m:
        import numpy as np
        x = np.frombuffer(m['x']['data'], '<f4').reshape(64, 3) * $1 / np.linspace(1.3, 0.6, 3)
        m['x']['data'] = x.astype('<f4').tobytes()" | mfc-subdivide split --levels 2:64:1,0.5:64:2,0:64:2 | mfc-noise >gaussian.mfc
	train -m zero.mfc --sd "$1" --parametrization "$2" --steps 1 --lr 1e-12 gaussian.mfc >/dev/null
	mfc-score loss -m zero.mfc gaussian.mfc >loss.tsv
}

@test "loss: of Gaussian clouds under their exact denoiser, in closed form" {
	gaussian 0.6 edm 2000
	python3 - <<END
$TABLE$NEAR
d, v, low, high = 3, 0.36, 0.002, 60
# The part of the bound between two noise levels; and the entropy there, half the integral of beta E||score + x||^2.
bound = lambda a, b: d / 2 * (math.log1p(v / a ** 2) - math.log1p(v / b ** 2))
def entropy(a, b, n=20000):
    h = math.log(b / a) / n
    return sum(d * (v - 1) ** 2 * q / ((q + v) * (1 + q) ** 2) * h for q in ((a * math.exp((i + 0.5) * h)) ** 2 for i in range(n)))
edge = [high, 2, 0.5, low]
for k in range(3):
    near(1, "loss", str(k), 0.01)
    near(bound(edge[k + 1], edge[k]), "bound", str(k), 0.3)
    near(entropy(edge[k + 1], edge[k]), "entropy", str(k), 0.05)
near(1, "loss", "all", 0.01)
# The differential entropy of the data at the resolution of the lowest noise, and the relative entropy from the prior.
near(d / 2 * math.log(2 * math.pi * math.e * (v + low ** 2)), "bound", "all", 0.3)
near(d / 2 * (v - 1 - math.log(v)), "entropy", "all", 0.05)
far = d / 2 * (v / (1 + high ** 2) + math.log1p(high ** -2) - 1 / (1 + high ** 2))
assert abs(R["prior"]["bound"] - far) < 2e-6, (R["prior"], far)
END
}

@test "loss: data that are the prior have no entropy" {
	gaussian 1 edm 50
	run -0 awk -F'\t' 'NR > 1 && ($8 != 0 || $9 != 0)' loss.tsv
	assert_output ""
}

@test "loss: of a network that predicts no noise, in closed form" {
	# D = y: the loss is the mean of eps^2, and every e-fold of the noise takes d nats.
	gaussian 0.6 epsilon 2000
	python3 - <<END
$TABLE$NEAR
edge = [60, 2, 0.5, 0.002]
for k in range(3):
    near(1, "loss", str(k), 0.01)
    near(3 * math.log(edge[k] / edge[k + 1]), "bound", str(k), 2)
    # D - y/(1+s^2) = y s^2/(1+s^2)
    n, a, b = 20000, edge[k + 1], edge[k]
    h = math.log(b / a) / n
    want = sum(3 * q * (q + 0.36) / (1 + q) ** 2 * h for q in ((a * math.exp((i + 0.5) * h)) ** 2 for i in range(n)))
    near(want, "entropy", str(k), 2)
END
}

@test "loss: the errors are those that other clouds show" {
	# 60 tables of 20 clouds each: the spread of a column is the error that its tables give.
	gaussian 0.6 edm 1200
	for ((i = 0; i < 60; i++)); do
		mfc-score loss -m zero.mfc <(edit "
    if 'id' in m and (int(m['id'][1:]) - 1) // 20 != $i: drop()" <gaussian.mfc) | tail -1
	done >all.tsv
	python3 - <<'END'
import numpy as np
a = np.loadtxt("all.tsv", usecols=range(3, 9))
for c in 0, 2, 4:
    spread, error = a[:, c].std(ddof=1), np.sqrt((a[:, c + 1] ** 2).mean())
    # Rather too large: noise levels are drawn in strata, of which the errors do not know.
    assert 0.6 < error / spread < 2, (c, spread, error)
END
}

@test "loss: of a network that starts at zero it is known in closed form" {
	# D = y / (1 + s²): the loss is the mean of (s x0 - eps)² / (1 + s²), whatever the network's hidden numbers are.
	noised --clouds 16 >in.mfc
	train -m model.mfc --steps 1 --lr 1e-12 in.mfc >/dev/null
	mfc-score loss -m model.mfc in.mfc >loss.tsv
	dump --values in.mfc >in.json
	python3 - <<'END'
import json, numpy as np
got = {l.split("\t")[0]: float(l.split("\t")[3]) for l in open("loss.tsv").read().splitlines()[1:]}
levels = {}
for m in map(json.loads, open("in.json")):
    if "id" in m:
        s, e = m["s"], np.array(m["eps"])
        x0 = np.array(m["x"]) * np.sqrt(1 + s * s) - s * e
        levels.setdefault(m["level"], []).append(((s * x0 - e) ** 2).mean() / (1 + s * s))
for k, v in levels.items():
    assert abs(np.mean(v) - got[str(k)]) < 1e-5, (k, np.mean(v), got)
END
}

@test "loss: a level without clouds is nan, without a sign" {
	model
	stream --clouds 2 --points 4 | mfc-noise --t 0.5 >in.mfc
	run -0 mfc-score loss -m model.mfc in.mfc
	assert_line $'1\t0\t0\tnan\tnan\tnan\tnan\tnan\tnan'
	refute_output --partial "-nan"
	train -m other.mfc --steps 1 in.mfc >log.tsv
	run -0 tail -1 log.tsv
	assert_output --regexp $'\tnan\tnan$'
	refute_output --partial "-nan"
}

@test "loss: refuses what is not noised, and nothing" {
	model
	stream >plain.mfc
	run -1 mfc-score loss -m model.mfc plain.mfc
	assert_output --partial 'cloud "c1": no noise (key eps)'
	stream --clouds 0 >none.mfc
	run -1 mfc-score loss -m model.mfc none.mfc
	assert_output --partial "none.mfc: no clouds"
	run -2 mfc-score loss none.mfc
}

# --- show, and models that are broken

@test "show: the card" {
	model
	run -0 mfc-score show model.mfc
	assert_line $'parameters\t3027'
	assert_line $'dim\t3'
	assert_line $'optimiser\tkept'
	assert_line $'model.width\t8'
	assert_line $'training.clouds\t24'
	assert_line --regexp '^history.2.*mfc-score train'
	run -0 mfc-score show -m model.mfc
	run -0 bash -c 'mfc-score show - <model.mfc'
	run -2 mfc-score show
	run -2 mfc-score show model.mfc model.mfc
}

@test "show: --tensors lists every tensor" {
	model
	mfc-score show --tensors model.mfc >tensors.tsv
	assert_equal "$(head -1 tensors.tsv)" $'tensor\tshape\trms\trms_ema'
	assert_equal "$(wc -l <tensors.tsv)" 50
	assert_equal "$(awk -F'\t' 'NR > 1 { n = split($2, d, "x"); c = d[1]; if (n == 2) c *= d[2]; sum += c } END { print sum }' tensors.tsv)" 3027
	grep -q $'^block.0.read.kv.weight\t16x8\t' tensors.tsv
}

@test "show: --slim leaves a quarter of the file, which denoises the same and cannot be resumed" {
	model
	mfc-score show --slim slim.mfc model.mfc >/dev/null
	[ "$(stat -c %s slim.mfc)" -lt "$(($(stat -c %s model.mfc) * 3 / 10))" ]
	stream --clouds 1 | mfc-noise --t 0.3 >in.mfc
	mfc-score denoise --no-history -m model.mfc in.mfc >a.mfc
	mfc-score denoise --no-history -m slim.mfc in.mfc >b.mfc
	cmp a.mfc b.mfc
	run -0 mfc-score show slim.mfc
	assert_line $'optimiser\tnot kept'
	# It holds the average, as its parameters, and again nothing else when it is made slim once more.
	edit "assert 'id' not in m or ('ema' not in m and 'adam_m' not in m)" <slim.mfc >/dev/null
	cmp <(mfc-score show --tensors model.mfc | tail -n +2 | cut -f 1,2,4) <(mfc-score show --tensors slim.mfc | tail -n +2 | cut -f 1,2,3)
	mfc-score show --slim slimmer.mfc slim.mfc >/dev/null
	mfc-score denoise --no-history -m slimmer.mfc in.mfc | cmp - a.mfc
	noised --clouds 40 >long.mfc
	run -1 train -m slim.mfc --steps 5 --resume long.mfc
	assert_output --partial "slim.mfc: holds no optimiser state to resume from"
}

# broken PYTHON MESSAGE: the model, edited so, is refused with this line alone
broken() {
	edit "$1" <model.mfc >broken.mfc
	run -1 mfc-score show broken.mfc
	assert_output "mfc-score show: broken.mfc: $2"
}

@test "a broken model gives one clear line" {
	model
	broken "if m.get('id') == 'embed.bias': drop()" 'tensor "embed.bias" is missing'
	broken "if m.get('id') == 'embed.bias': m['id'] = 'time.0.bias'" 'tensor "time.0.bias" occurs twice'
	broken "if m.get('id') == 'embed.bias': m['id'] = 'embed.boas'" 'tensor "embed.boas" is not one of the network'"'s"
	broken "if m.get('id') == 'embed.weight': m['ema']['shape'].reverse()" \
		'tensor "embed.weight": ema has another shape than the network'"'s tensor"
	broken "if m.get('id') == 'embed.bias': m['x']['data'] = m['x']['data'][:-4]" \
		'tensor "embed.bias": x: shape and dtype need 32 bytes, data has 28'
	broken "if m.get('id') == 'latent': m['x']['data'] = struct.pack('<16f', *[float('nan')] * 16)" \
		'tensor "latent": x holds a number that is not finite'
	broken "if m.get('id') == 'latent': m.pop('adam_v')" 'tensor "latent": adam_v: not an array (a map of shape, dtype and data)'
	broken "m.pop('model', 0)" 'not a model'
	broken "if 'model' in m: m['model']['network'] = 'u-net'" 'network "u-net" is unknown here'
	broken "if 'model' in m: m['model'].pop('heads')" "the header's model has no heads"
	broken "if 'model' in m: m['model']['heads'] = 3" 'network: widths 8 and 8 must be divisible by 3 heads'
	broken "if 'model' in m: m['model']['width'] = 1 << 40" 'network: width 1099511627776 is not between 1 and 65536'
	broken "if 'model' in m: m['model']['sd'] = 0.0" "the header's model has no valid sd"
	broken "if 'model' in m: m['model']['frequencies'] = 4" 'network: 4 frequencies, not between 5 and 16'
	broken "if 'model' in m: m['model']['frequencies'] = 17" 'network: 17 frequencies, not between 5 and 16'
	broken "if 'model' in m: m['model']['frequencies'] = 'ten'" "the header's model has no frequencies"
	broken "if 'model' in m: m['model']['frequencies'] = -1" "the header's model has no frequencies"
	broken "if 'model' in m: m['model']['frequencies'] = 11" \
		'tensor "embed.weight": x has another shape than the network'"'s tensor"
	broken "m.pop('levels', 0)" 'the header has no list of at most 16 levels'
}

@test "a broken model of another architecture gives one clear line" {
	noised --clouds 8 >in.mfc
	train -m model.mfc --steps 1 --local 1.5,3 in.mfc >/dev/null
	broken "if 'model' in m: m['model']['network'] = 'latent-attention'" 'network "latent-attention" is unknown here'
	broken "if 'model' in m: m['model'].pop('network')" 'network "" is unknown here'
	broken "if 'model' in m: m['model']['network'] = 7" 'network "" is unknown here'
	for local in "'0'" 1 None "{}" "['1']" "[1, None]" "[1, 2, 3, 4, 5]"; do
		broken "if 'model' in m: m['model']['local'] = $local" "the header's model has no valid local"
	done
	broken "if 'model' in m: m['model']['local'] = [1, -2.0]" 'network: a window of -2, not between 0.1 and 100'
	broken "if 'model' in m: m['model']['local'] = [1e300]" 'network: a window of 1e+300, not between 0.1 and 100'
	broken "if 'model' in m: m['model']['local'] = []" 'tensor "embed.weight": x has another shape than the network'"'s tensor"
	broken "if 'model' in m: m['model'].pop('local')" 'tensor "embed.weight": x has another shape than the network'"'s tensor"
	broken "if 'model' in m: m['model'].pop('crowd')" "the header's model has a local term and lacks one of below, crowd"
	broken "if 'model' in m: m['model']['crowd'] = -1.0" 'network: a local term below 0.25 in crowds of -1: both must be above 0'
	broken "if 'model' in m: m['model'].update(network='pairwise', radius=1.0)" 'network: pairwise has no local term'
	broken "if 'dim' in m: m['dim'] = 4" 'network: a local term is for 1 to 3 dimensions, not 4'
	broken "if m.get('id') == 'local.weight': m['x']['shape'] = [8, 4]" \
		'tensor "local.weight": x has another shape than the network'"'s tensor"
	broken "if m.get('id') == 'local.bias': drop()" 'tensor "local.bias" is missing'
	train -m model.mfc --steps 1 --arch pairwise in.mfc >/dev/null
	broken "if 'model' in m: m['model'].pop('radius')" "the header's model has no radius"
	for radius in 0.0 "float('nan')" "float('inf')" 1e6; do
		broken "if 'model' in m: m['model']['radius'] = $radius" "network: a radius of $(python3 -c "print('%g' % $radius)"), not between 0 and 1e6"
	done
	broken "if 'model' in m: m['model']['network'] = 'none'" 'tensor "pair.film.weight" is not one of the network'"'s"
	broken "if 'model' in m: m['model']['network'] = 'pooled'" 'tensor "pair.film.weight" is not one of the network'"'s"
}

@test "a model whose header claims gigabytes: no memory before the tensors are there" {
	ulimit -v 2000000 2>/dev/null && ! sanitized || skip "a sanitizer wants more address space"
	run -1 mfc-score show "$ROOT/tests/fuzz/corpus/model/claims"
	assert_output --partial 'tensor "time.0.weight" is missing'
}

@test "a model that was cut short" {
	model
	head -c 20000 model.mfc >cut.mfc
	run -1 mfc-score show cut.mfc
	assert_output --regexp '^mfc-score show: cut.mfc: byte [0-9]+: the input ends within a record$'
	edit "if m.get('kind') == 'trailer': drop()" <model.mfc >cut.mfc
	run -1 mfc-score show cut.mfc
	assert_output --partial "cut short: no trailer"
	cat model.mfc model.mfc >two.mfc
	run -1 mfc-score show two.mfc
	assert_output "mfc-score show: two.mfc: two models in one file"
}

@test "a model whose numbers are of another dtype, or byte order, is the same model" {
	model
	edit "
    for key, dtype in (('x', '>f4'), ('ema', '<f8')) if 'id' in m else ():
        import numpy as np
        m[key].update(dtype=dtype, data=np.frombuffer(m[key]['data'], '<f4').astype(dtype).tobytes())" <model.mfc >swapped.mfc
	cmp <(mfc-score show --tensors model.mfc) <(mfc-score show --tensors swapped.mfc)
}

@test "mfc-score by itself names its commands" {
	run -2 mfc-score
	assert_output --partial "usage: mfc-score COMMAND"
	run -2 mfc-score fly
	assert_output --partial 'no command "fly"'
	for command in train denoise loss show; do
		run -0 mfc-score $command --help
		assert_line --index 0 --regexp "^usage: mfc-score $command "
	done
	run -0 mfc-score --version
	assert_output --regexp '^mfc-score [0-9]+\.[0-9]+\.[0-9]+$'
}

@test "train: what was learnt is not lost with the log: a full disk, a reader that has gone, a terminal that was hung up" {
	noised --clouds 40 >in.mfc
	for _ in {1..50}; do cat in.mfc; done >long.mfc
	learnt() { mfc-score show "$1" | grep -qP '^training.steps\t[1-9]' && rm "$1"; }
	run -1 train -m full.mfc --steps 5 --log-every 1 -o /dev/full long.mfc
	assert_output 'mfc-score train: /dev/full: the log cannot be written: No space left on device'
	[ ! -e full.mfc ]   # its first line is written before anything is learnt
	mkfifo log
	head -n 3 log >first &
	run -141 train -m gone.mfc --steps 100000 --log-every 1 -o log long.mfc
	learnt gone.mfc
	mkfifo pipe
	env --default-signal=HUP mfc-score train -@ 1 "${TINY[@]}" -m hung.mfc --steps 100000 --log-every 1 pipe >log 3>&- &
	pid=$!
	exec 8<log 9>pipe
	cat in.mfc >&9
	for _ in 1 2 3; do read -r _ <&8; done
	kill -HUP $pid
	await $pid && status=0 || status=$?
	exec 8<&- 9>&-
	assert_equal "$status" 129
	learnt hung.mfc
}

@test "train: a second training of the same model ends, and says so" {
	noised --clouds 40 >in.mfc
	mkfifo pipe
	mfc-score train -@ 1 "${TINY[@]}" -m model.mfc --steps 5 --checkpoint 1e-9 -o one.tsv pipe 2>said 3>&- &
	pid=$!
	exec 9>pipe
	head -c "$(($(stat -c %s in.mfc) / 2))" in.mfc >&9
	until [ -e model.mfc ]; do sleep 0.05; done
	train -m model.mfc --steps 5 --resume -o two.tsv in.mfc
	cp model.mfc before.mfc
	tail -c "+$(($(stat -c %s in.mfc) / 2 + 1))" in.mfc >&9 || true   # it may be gone before all is read
	exec 9>&-
	await $pid && status=0 || status=$?
	assert_equal "$status" 1
	grep -q '^mfc-score train: model.mfc: another process has written it: is it being trained twice?' said
	cmp model.mfc before.mfc
}

@test "an output that is read too is refused, by whatever name" {
	model
	noised --clouds 4 >in.mfc
	cp in.mfc before.mfc
	cp model.mfc model.before
	ln -s model.mfc link.mfc
	ours() { run -2 "$@"; assert_output --partial ' too'; }
	ours mfc-score denoise -m model.mfc -o ./model.mfc in.mfc
	ours mfc-noise prior -m model.mfc -o link.mfc
	ours mfc-score train -m in.mfc --steps 2 ./in.mfc
	ours mfc-score loss -m model.mfc -o in.mfc in.mfc
	ours mfc-metric -r in.mfc -o in.mfc model.mfc
	run -2 train -m model.mfc -o link.mfc --steps 2 in.mfc
	assert_output --partial '-m and -o are one file'
	run -2 train -m - --steps 2 in.mfc
	assert_output --partial '-m -: the model is a file'
	cmp in.mfc before.mfc
	cmp model.mfc model.before
	# Nor is what stands for standard output replaced, or a fifo read that is to be written.
	(mfc-noise prior -c 1 -n 3 -o /dev/stdout; ln -s /proc/self/fd/1 out; mfc-noise prior -c 1 -n 3 -o out) >twice.mfc
	[ "$(dump twice.mfc | grep -c '"trailer"')" -eq 2 ] && [ -L out ]
	mkfifo block
	cat block >read &
	timeout 20 mfc-metric pairs -q -r before.mfc --block 0/2 -o block before.mfc
	mfc-noise --to 200 --no-history -o same.mfc before.mfc
	mfc-noise --to 200 --no-history -o before.mfc before.mfc   # a filter may work in place
	cmp same.mfc before.mfc
}

@test "where address space is short for OpenBLAS' own threads nothing waits for it" {
	! sanitized || skip 'a sanitizer maps terabytes'
	model
	(ulimit -v 400000; timeout 20 mfc-score show model.mfc; timeout 20 mfc-subdivide plan -m model.mfc -n 100) >shown
	grep -q '^training.steps' shown
}
