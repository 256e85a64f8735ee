# Kernels: their own where there are vectors for them, and the same results with less; else those of OpenBLAS, of which a library that is older than
# the processor is told what it can do.
bats_require_minimum_version 1.5.0
load common

setup_file() {
	common_path
	cd "$BATS_FILE_TMPDIR" || return
	cat >shim.c <<-'END'
		#define _GNU_SOURCE
		#include <dlfcn.h>
		#include <stdlib.h>
		/* An OpenBLAS that does not know its processor unless it is told before it is loaded. */
		static int told;
		__attribute__((constructor)) static void load(void) { told = getenv("OPENBLAS_CORETYPE") != NULL; }
		char *openblas_get_corename(void)
		{
			char *(*real)(void) = (char *(*)(void))dlsym(RTLD_NEXT, "openblas_get_corename");
			return told ? real() : "Prescott";
		}
	END
	cc -shared -fPIC -o shim.so shim.c -ldl
	stream --clouds 2 --points 8 | mfc-noise |
		mfc-score train -m tiny.mfc --steps 1 --width 8 --latents 2 --latent-width 8 --embed 8 --heads 2 --blocks 1 >log
}

setup() {
	common_setup
	unset OPENBLAS_CORETYPE
	export MFC_VECTORS=none
	! sanitized || skip 'a sanitizer wants to be the first library'
	[[ $(uname -m) == x86_64 ]] && grep -qw avx /proc/cpuinfo || skip 'a processor without AVX'
	MODEL=$BATS_FILE_TMPDIR/tiny.mfc
	SHIM=$BATS_FILE_TMPDIR/shim.so
}

best() {   # the kernels for this processor
	local flags
	flags=" $(grep -m 1 '^flags' /proc/cpuinfo) "
	if [[ $flags == *' avx512f '* && $flags == *' avx512bw '* && $flags == *' avx512dq '* && $flags == *' avx512vl '* ]]; then
		echo SkylakeX
	elif [[ $flags == *' avx2 '* && $flags == *' fma '* ]]; then
		echo Haswell
	else
		echo Sandybridge
	fi
}

@test "found on Prescott kernels, a program starts again on better ones and says so under -v" {
	stream | mfc-noise --t 0.5 >in
	run --separate-stderr env LD_PRELOAD="$SHIM" mfc-score loss -v -m "$MODEL" in
	assert_success
	[[ ${stderr,,} == *prescott* ]] || fail "$stderr"
	[[ ${stderr,,} == *"$(best | tr '[:upper:]' '[:lower:]')"* ]] || fail "$stderr"
}

@test "without -v it says nothing" {
	run --separate-stderr env LD_PRELOAD="$SHIM" mfc-score show "$MODEL"
	assert_success
	assert_equal "$stderr" ''
}

@test "standard input is still whole after the restart" {
	stream | mfc-noise --t 0.5 >in
	LD_PRELOAD=$SHIM mfc-score denoise -m "$MODEL" --steps 3 --no-history <in >healed
	OPENBLAS_CORETYPE=$(best) mfc-score denoise -m "$MODEL" --steps 3 --no-history <in | cmp - healed
}

@test "what the user chose stays" {
	stream | mfc-noise --t 0.5 >in
	run --separate-stderr env LD_PRELOAD="$SHIM" OPENBLAS_CORETYPE=Prescott mfc-score loss -v -m "$MODEL" in
	assert_success
	[[ ${stderr,,} != *"$(best | tr '[:upper:]' '[:lower:]')"* ]] || fail "$stderr"
}

@test "with vectors of their own programs do without OpenBLAS' kernels, and say which" {
	[[ " $(grep -m 1 '^flags' /proc/cpuinfo) " == *' avx2 '*' fma '* || " $(grep -m 1 '^flags' /proc/cpuinfo) " == *' fma '*' avx2 '* ]] ||
		skip 'a processor without AVX2'
	stream | mfc-noise --t 0.5 >in
	for limit in avx2 ''; do
		run --separate-stderr env MFC_VECTORS=$limit LD_PRELOAD="$SHIM" mfc-score loss -v -m "$MODEL" in
		assert_success
		[[ $stderr == *'kernels: AVX'* && ${stderr,,} != *prescott* ]] || fail "$stderr"
	done
}

@test "training takes the same course with any vectors" {
	stream --clouds 8 --points 40 | mfc-noise --t 0.5 >in
	for limit in none avx2 widest; do
		MFC_VECTORS=$limit mfc-score train -q -@ 1 -m $limit.mfc --steps 3 --width 24 --latents 5 --latent-width 16 --embed 8 --heads 2 --blocks 2 in >$limit.tsv
	done
	for limit in none avx2; do
		diff <(cut -f 1,3,5 $limit.tsv) <(cut -f 1,3,5 widest.tsv)
		paste $limit.tsv widest.tsv | awk -F'\t' 'NR > 1 { d = $4 / $(4 + NF / 2) - 1; if (d * d > 1e-8) exit 1 }'
	done
}
