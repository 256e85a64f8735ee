# Class conditioning: mfc-score train --label-key, denoise --label --guidance, and the labels of mfc-noise prior.
bats_require_minimum_version 1.5.0
load common

LEVELS=1:16:4,0:32:4   # 8 clouds a step
TINY=(--width 8 --latents 2 --latent-width 8 --embed 8 --heads 2 --blocks 1)

setup() { common_setup; }

# Clouds of two classes in turn, left of the origin and right of it, noised: classes COUNT [KEY [NAME ...]]; a name "-" is a cloud without one.
classes() {
	python3 - "$@" <<-'END' | mfc-subdivide split --levels "$LEVELS" | mfc-noise
		import sys, msgpack, numpy as np
		count, key = int(sys.argv[1]), (sys.argv[2:3] or ["label"])[0]
		names = sys.argv[3:] or ["left", "right"]
		out, rng = sys.stdout.buffer, np.random.default_rng(1)
		out.write(msgpack.packb({"mfc": 1, "kind": "header", "dim": 3}))
		for i in range(count):
		    x = (0.3 * rng.standard_normal((64, 3)) + [2 * (i % 2) - 1, 0, 0]).astype("<f4")
		    m = {"id": f"c{i}", "x": {"shape": [64, 3], "dtype": "<f4", "data": x.tobytes()}}
		    if names[i % len(names)] != "-": m[key] = names[i % len(names)]
		    out.write(msgpack.packb(m))
		out.write(msgpack.packb({"kind": "trailer", "count": count}))
	END
}

train() { mfc-score train -@ 1 "${TINY[@]}" "$@"; }

# A model that knows left and right, of few steps.
model() { classes 48 | train -m model.mfc --steps 6 --lr 0.03 --label-key label --max-labels 4 "$@" >log.tsv; }

# Run Python with R(path), a stream's records, X(record) the particles, T(path) a model's tensors "x" by name, in order.
look() {
	python3 - "$@" <<-'END'
		import sys, msgpack, numpy as np
		def A(v): return np.frombuffer(v["data"], v["dtype"]).reshape(v["shape"])
		def R(path): return [m for m in msgpack.Unpacker(open(path, "rb"), max_buffer_size=0) if "id" in m]
		def H(path): return next(iter(msgpack.Unpacker(open(path, "rb"), max_buffer_size=0)))
		def X(m): return A(m["x"])
		def T(path): return {m["id"]: X(m) for m in R(path)}
		exec(sys.argv[1])
	END
}

# Two model files hold the same tensors, optimiser included, and the same labels.
same_model() {
	look "a, b = '$1', '$2'
assert R(a) == R(b) and len(R(a)) == 50 and all('adam_v' in m for m in R(a))
assert H(a)['labels'] == H(b)['labels'] and H(a)['model'] == H(b)['model']"
}

@test "train: a table of labels, named in the order of the stream, and the card that shows it" {
	classes 16 label "right side" left - left | train -m model.mfc --steps 2 --label-key label --max-labels 4 >log.tsv
	run -0 mfc-score show model.mfc
	assert_line $'model.labels\t4'
	assert_line $'label_key\tlabel'
	assert_line $'label.0\tright side'
	assert_line $'label.1\tleft'
	refute_line --partial label.2
	run -0 mfc-score show --tensors model.mfc
	assert_line --index 50 --regexp $'^label\t5x8\t'
	look 'assert H("model.mfc")["labels"] == {"key": "label", "names": ["right side", "left"]}'
	# A stranger's name commands no terminal, nor does it make a line.
	edit 'if "labels" in m: m["labels"]["names"][0] = "\x1b[31m\tred\n\x9b2Jé"' <model.mfc >named.mfc
	run -0 mfc-score show named.mfc
	assert_line 'label.0	?[31m?red???2Jé'
}

@test "train: the rows of labels that were met are learnt, and the null label's where a cloud has none or its label is dropped" {
	options=(--steps 20 --label-key label --max-labels 4)
	classes 160 >in.mfc
	train -m drop.mfc "${options[@]}" --label-drop 0.5 in.mfc >log.tsv
	train -m keep.mfc "${options[@]}" --label-drop 0 in.mfc >log.tsv
	classes 160 label left - | train -m some.mfc "${options[@]}" --label-drop 0 >log.tsv
	# A row has a second moment of the gradient once it had a gradient.
	look '
def learnt(name): return [int(r.any()) for r in A(next(m for m in R(name + ".mfc") if m["id"] == "label")["adam_v"])]
assert learnt("drop") == [1, 1, 0, 0, 1], learnt("drop")
assert learnt("keep") == [1, 1, 0, 0, 0], learnt("keep")
assert learnt("some") == [1, 0, 0, 0, 1], learnt("some")'
}

@test "train: without --label-key labels change nothing" {
	classes 16 | train -m a.mfc --steps 2 >log.tsv
	classes 16 label - | train -m b.mfc --steps 2 >log.tsv
	look 'a, b = T("a.mfc"), T("b.mfc")
assert list(a) == list(b) and "label" not in a and all((a[k] == b[k]).all() for k in a) and "labels" not in H("a.mfc")["model"]'
}

@test "train: the labels of another key; those of the other are nobody's" {
	classes 16 class one two | train -m model.mfc --steps 2 --label-key class >log.tsv
	run -0 mfc-score show model.mfc
	assert_line $'label_key\tclass'
	assert_line $'label.1\ttwo'
	mfc-noise prior -m model.mfc -c 2 --label two >prior.mfc
	mfc-score denoise -m model.mfc prior.mfc >a.mfc
	mfc-score denoise -m model.mfc --label one prior.mfc >b.mfc
	look 'assert [m["class"] for m in R("a.mfc") + R("b.mfc")] == ["two"] * 2 + ["one"] * 2 and "label" not in R("a.mfc")[0]
assert (X(R("a.mfc")[0]) != X(R("b.mfc")[0])).any()'
}

@test "train: --resume goes on with the same labels, to the same bits" {
	classes 80 label a b c d >in.mfc
	# The names of the last steps are new.
	python3 -c '
import sys, msgpack
for i, m in enumerate(msgpack.Unpacker(open("in.mfc", "rb"))):
    if "id" in m and i > 50: m["label"] += "2"
    sys.stdout.buffer.write(msgpack.packb(m))' >names.mfc
	options=(--steps 10 --label-key label --max-labels 8 --label-drop 0.3)
	train -m whole.mfc "${options[@]}" names.mfc >log.tsv
	look 'assert H("whole.mfc")["labels"]["names"][:4] == ["a", "b", "c", "d"] and len(H("whole.mfc")["labels"]["names"]) == 8'
	for share in 3 7; do
		head -c "$(($(stat -c %s names.mfc) * share / 10))" names.mfc >cut.mfc
		run -1 train -m part.mfc "${options[@]}" cut.mfc
		assert_output --partial "is kept)"
		train -m part.mfc "${options[@]}" --resume names.mfc >log.tsv
		same_model whole.mfc part.mfc
	done
	run -1 train -m part.mfc --steps 12 --resume --label-key class names.mfc
	assert_output --partial "part.mfc: was not trained with --label-key class"
}

@test "train: --label-drop drops, and the same whatever the threads" {
	classes 24 >in.mfc
	options=(--steps 3 --label-key label --max-labels 4 --log-every 1)
	run_() { mfc-score train "${TINY[@]}" "${options[@]}" "$@" in.mfc >log.tsv; }
	run_ -@ 1 -m one.mfc --label-drop 0.5
	run_ -@ 2 -m two.mfc --label-drop 0.5
	run_ -@ 1 -m none.mfc --label-drop 0
	# The first gradients of the rows, to the rounding of another order of sums.
	look '
g = {n: A(next(t for t in R(n + ".mfc") if t["id"] == "label")["adam_m"]) for n in ("one", "two", "none")}
size = np.abs(g["one"]).max()
assert size > 0 and np.abs(g["one"] - g["two"]).max() < 1e-3 * size and np.abs(g["one"] - g["none"]).max() > 0.1 * size, g'
}

@test "train: more labels than rows, a label that is no name, a key that is taken" {
	classes 16 label a b c >in.mfc
	run -1 train -m m.mfc --steps 2 --label-key label --max-labels 2 in.mfc
	assert_output --regexp 'mfc-score train: cloud "c2": label "c" is one more than the 2 that the model has room for \(--max-labels\)'
	[ ! -e m.mfc ]
	run -2 train -m m.mfc --steps 2 --label-key eps in.mfc
	assert_output --partial '--label-key: "eps" cannot be the key of labels'
	run -2 train -m m.mfc --steps 2 --label-key label --max-labels 0 in.mfc
	run -2 train -m m.mfc --steps 2 --label-key label --max-labels 5000 in.mfc
	run -2 train -m m.mfc --steps 2 --label-key label --label-drop 1 in.mfc
	stream --extra --points 64 | mfc-subdivide split --levels "$LEVELS" | mfc-noise >extra.mfc
	run -1 train -m m.mfc --steps 1 --label-key note extra.mfc
	assert_output --partial 'cloud "c1": note: not a string'
	run -0 --separate-stderr train -m m.mfc --steps 2 --label-key class in.mfc
	assert_equal "$stderr" "mfc-score train: none of the first 8 clouds has a label under the key of --label-key"
}

@test "train and loss: the loss of a cloud is that under its label" {
	model --label-drop 0
	classes 16 >in.mfc
	classes 16 label right left >crossed.mfc
	classes 16 label - >none.mfc
	for f in in crossed none; do
		mfc-score loss -m model.mfc $f.mfc | tail -1 | cut -f4 >>losses
	done
	assert_equal "$(sort -u losses | wc -l)" 3
	# The same labels on the way: the average does not move at this rate, so that the log's validation is the loss.
	train -m other.mfc --steps 1 --lr 1e-12 --log-every 1 --label-key label --max-labels 4 --validate in.mfc in.mfc >log.tsv
	assert_equal "$(tail -1 log.tsv | cut -f9)" "$(mfc-score loss -m other.mfc in.mfc | awk '$1 == "all" { printf "%.5f", $4 }')"
	classes 16 label left up >unknown.mfc
	run -1 mfc-score loss -m model.mfc unknown.mfc
	assert_output 'mfc-score loss: cloud "c1": label "up" is not one of the model'"'s 2: left, right"
	# In training it may yet come: so far it is none.
	train -m other.mfc --steps 2 --label-key label --validate unknown.mfc in.mfc >log.tsv
}

@test "denoise: the record's label, --label for all, none; guidance" {
	model
	mfc-noise prior -m model.mfc -c 2 --label left >left.mfc
	mfc-noise prior -m model.mfc -c 2 >none.mfc
	run_() { mfc-score denoise -m model.mfc --solver dpmpp2m --to 2 "$@"; }
	run_ left.mfc >a.mfc
	run_ --label left none.mfc >b.mfc
	run_ --label right left.mfc >c.mfc
	run_ none.mfc >d.mfc
	run_ --label '' left.mfc >e.mfc
	run_ --guidance 0 left.mfc >f.mfc
	run_ --guidance 1 left.mfc >g.mfc
	run_ --guidance 3 left.mfc >h.mfc
	look '
x = {f: [X(m) for m in R(f + ".mfc")] for f in "abcdefgh"}
same = lambda f, g: all((a == b).all() for a, b in zip(x[f], x[g]))
assert same("a", "b") and same("a", "g") and same("d", "e") and same("d", "f")
assert not same("a", "c") and not same("a", "d") and not same("a", "h")
assert [m.get("label") for f in "abcde" for m in R(f + ".mfc")[:1]] == ["left", "left", "right", None, None]
away = lambda f: np.concatenate(x[f]) - np.concatenate(x["d"])
assert np.abs(away("h")).mean() > 1.5 * np.abs(away("a")).mean()'
}

@test "denoise: labels that the model does not know, and a model without labels" {
	model
	mfc-noise prior -m model.mfc -c 1 >prior.mfc
	run -2 mfc-score denoise -m model.mfc --label up prior.mfc
	assert_line --index 0 "mfc-score denoise: --label: label \"up\" is not one of the model's 2: left, right"
	mfc-noise prior -n 16 -c 1 --label up >up.mfc
	run -1 bash -c 'mfc-score denoise -m model.mfc up.mfc >out.mfc'
	assert_output "mfc-score denoise: cloud \"sample-000001\": label \"up\" is not one of the model's 2: left, right"
	mfc-score denoise -m model.mfc --label right up.mfc >out.mfc
	classes 16 | train -m plain.mfc --steps 1 >log.tsv
	for option in "--label left" "--guidance 1"; do
		# shellcheck disable=SC2086
		run -2 mfc-score denoise -m plain.mfc $option prior.mfc
		assert_line --index 0 --partial "a model that was trained with --label-key: plain.mfc was not"
	done
	mfc-score denoise -m plain.mfc up.mfc >out.mfc   # a label is no hindrance to it
}

@test "prior: labels take turns by the clouds' numbers, and are the model's" {
	mfc-noise prior -n 4 -c 5 --label a --label "b c" >all.mfc
	mfc-noise prior -n 4 -c 3 --first 3 --label a --label "b c" >some.mfc
	look 'assert [m["label"] for m in R("all.mfc")] == ["a", "b c", "a", "b c", "a"] and R("some.mfc") == R("all.mfc")[2:]'
	model
	mfc-noise prior -m model.mfc -c 1 --label right >out.mfc
	run -2 mfc-noise prior -m model.mfc -c 1 --label up
	assert_line --index 0 "mfc-noise prior: --label: label \"up\" is not one of the model's 2: left, right"
	classes 16 | train -m plain.mfc --steps 1 >log.tsv
	run -2 mfc-noise prior -m plain.mfc -c 1 --label left
	assert_line --index 0 "mfc-noise prior: --label: plain.mfc was trained without labels"
}

# Rewrite a model: broken PYTHON MESSAGE, where m is each message: it is refused with this line alone.
broken() {
	python3 -c "
import sys, msgpack
for m in msgpack.Unpacker(open('model.mfc', 'rb'), max_buffer_size=0):
    $1
    sys.stdout.buffer.write(msgpack.packb(m))" >broken.mfc
	run -1 mfc-score show broken.mfc
	assert_output "mfc-score show: broken.mfc: $2"
}

@test "a model whose labels are broken gives one clear line" {
	model
	broken "m.pop('labels', 0)" "the header's labels are not a key and a list of names"
	broken "if 'labels' in m: m['labels']['key'] = 'x'" "the header's labels are not a key and a list of names"
	broken "if 'labels' in m: m['labels']['names'] = 'left'" "the header's labels are not a key and a list of names"
	broken "if 'labels' in m: m['labels']['names'] = ['a', 'b', 'a']" "the header's labels hold \"a\" twice"
	broken "if 'labels' in m: m['labels']['names'] = ['a', 7]" "the header's label 1 is not a string of 1 to 255 bytes"
	broken "if 'labels' in m: m['labels']['names'] = ['', 'b']" "the header's label 0 is not a string of 1 to 255 bytes"
	broken "if 'labels' in m: m['labels']['names'] = ['a', 256 * 'b']" "the header's label 1 is not a string of 1 to 255 bytes"
	broken "if 'labels' in m: m['labels']['names'] = list('abcde')" "the header's labels are 5 names for 4 rows"
	broken "if 'model' in m: m['model']['labels'] = 0" "the header's model has no valid labels"
	broken "if 'model' in m: m['model']['labels'] = 'four'" "the header's model has no valid labels"
	broken "if 'model' in m: m['model']['labels'] = 5000" "network: 5000 labels, more than 4096"
	broken "if 'model' in m: m['model']['labels'] = 5" 'tensor "label": x has another shape than the network'"'s tensor"
	broken "if 'model' in m: m['model'].pop('labels')" 'tensor "label" is not one of the network'"'s"
}

@test "two classes: clouds that are asked to be left are left, and right right; guidance takes them further apart" {
	args=(); for i in {1..6}; do args+=(in.mfc); done
	classes 200 >in.mfc
	cat "${args[@]}" | mfc-score train -@ 1 --width 32 --latents 8 --latent-width 64 --blocks 2 -m model.mfc --steps 150 --lr 0.01 \
		--label-key label >log.tsv
	for name in left right; do
		for w in 1 2; do
			"$ROOT/pipelines/sample.sh" -m model.mfc -c 20 -n 48 --steps 12 --label $name --guidance $w >$name.$w.mfc
		done
	done
	"$ROOT/pipelines/sample.sh" -m model.mfc -c 20 -n 48 --steps 12 --label left --label right >both.mfc
	look '
at = lambda f: np.array([X(m)[:, 0].mean() for m in R(f)])
for w in "12":
    left, right = at(f"left.{w}.mfc"), at(f"right.{w}.mfc")
    assert (left < -0.3).mean() >= 0.9 and (right > 0.3).mean() >= 0.9, (w, left, right)
assert at("right.2.mfc").mean() - at("left.2.mfc").mean() > at("right.1.mfc").mean() - at("left.1.mfc").mean()
assert [m["label"] for m in R("both.mfc")] == ["left", "right"] * 10
assert ((at("both.mfc") > 0) == [0, 1] * 10).mean() >= 0.9'
}
