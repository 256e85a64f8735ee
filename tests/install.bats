#!/usr/bin/env bats
# make install puts everything where DESTDIR and PREFIX say, and make uninstall takes it away again.
bats_require_minimum_version 1.5.0
load common

setup() { common_setup; }

@test "install, use from there, uninstall" {
	make -s -C "$ROOT" install DESTDIR="$PWD/root" PREFIX=/opt/mfc > log
	run -0 env PATH="$PWD/root/opt/mfc/bin:/usr/bin:/bin" bash -c "mfc-noise prior -c 2 -n 8 | mfc-subdivide branch --to 16 | mfc-save --keep-normalized -o x.npz && root/opt/mfc/share/mfc/pipelines/train.sh --help"
	assert_output --partial "Train a model"
	run -0 mandoc -Tlint -Wwarning root/opt/mfc/share/man/man1/mfc-load.1
	make -s -C "$ROOT" uninstall DESTDIR="$PWD/root" PREFIX=/opt/mfc
	run -0 find root -type f
	assert_output ""
}
