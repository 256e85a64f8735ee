# mfc: mean-field chaos diffusion of point clouds, as Unix filters.
#
#   make          build bin/          make demo     train, generate, evaluate and draw on the shapes in fixtures/
#   make check    run every test      make install  PREFIX=/usr/local DESTDIR=
#   make experiments                  the theory, checked: about an hour, into experiments/
#   make lint     style, layering and static analysis (cppcheck, clang-tidy: minutes)
#   make asan     the tests under AddressSanitizer and UBSan;  make tsan  under ThreadSanitizer;  make valgrind  under Valgrind
#   make fuzz     the readers under libFuzzer (needs clang): FUZZ_RUNS=100000 FUZZ_TARGETS="obj off ...";  make afl  under AFL++
#
# HDF5 and assimp are used where they are installed; make WITHOUT="hdf5 assimp" does without them.

CC      ?= cc
CFLAGS  ?= -O2 -g
PREFIX  ?= /usr/local
BUILD   ?= build
BIN     ?= bin

PROGRAMS = mfc-load mfc-noise mfc-subdivide mfc-score mfc-metric mfc-save mfc-view

PACKAGES_BUILD = gcc libc6-dev pkg-config libarchive-dev libdeflate-dev libmsgpack-dev libopenblas-dev librandom123-dev libpng-dev
PACKAGES_TEST  = bats bats-assert bats-support mandoc shellcheck python3-msgpack python3-numpy python3-scipy nodejs jq zip xz-utils \
                 libhdf5-dev libassimp-dev python3-h5py gnuplot-nox

# msgpack-c is "msgpack" to pkg-config in Debian 12 and "msgpack-c" in newer releases.
PKGS     = libarchive libdeflate $(shell pkg-config --exists msgpack && echo msgpack || echo msgpack-c) openblas libpng
# Optional. Debian has "hdf5" in several builds, of which "hdf5-serial" is the plain one; elsewhere there is "hdf5" alone.
HDF5    := $(if $(filter hdf5,$(WITHOUT)),,$(firstword $(shell for p in hdf5-serial hdf5; do pkg-config --exists $$p && echo $$p; done)))
ASSIMP  := $(if $(filter assimp,$(WITHOUT)),,$(shell pkg-config --exists assimp && echo assimp))
OPTIONAL = $(if $(HDF5),-DMFC_HDF5 $(shell pkg-config --cflags $(HDF5))) $(if $(ASSIMP),-DMFC_ASSIMP $(shell pkg-config --cflags assimp))
FLAGS    = -std=c17 -Wall -Wextra -D_GNU_SOURCE -Ilib -pthread $(shell pkg-config --cflags $(PKGS))
# A program that reads no shapes does not load them.
LIBS     = $(if $(HDF5)$(ASSIMP),-Wl$(comma)--as-needed $(shell pkg-config --libs $(HDF5) $(ASSIMP))) $(shell pkg-config --libs $(PKGS)) -lm -pthread
comma    = ,

LIB_SRC  = $(wildcard lib/*.c lib/*/*.c)
LIB_OBJ  = $(LIB_SRC:%.c=$(BUILD)/%.o)
CLI_OBJ  = $(patsubst %.c,$(BUILD)/%.o,$(filter-out cmd/mfc-%.c,$(wildcard cmd/*.c)))
UNIT     = $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/*.c))
LIBRARY  = $(BUILD)/libmfc.a
CLI      = $(BUILD)/libcli.a

all: $(PROGRAMS:%=$(BIN)/%)

$(LIBRARY): $(LIB_OBJ)
$(CLI): $(CLI_OBJ)
$(LIBRARY) $(CLI):
	@rm -f $@
	$(AR) rcs $@ $^

# cmd/mfc-x.c holds main(); cmd/mfc-x-*.c are its subcommands.
define program
$(BIN)/$(1): $(patsubst %.c,$(BUILD)/%.o,$(wildcard cmd/$(1).c cmd/$(1)-*.c)) $(CLI) $(LIBRARY)
	@mkdir -p $(BIN)
	$$(CC) $$(CFLAGS) $$(LDFLAGS) -o $$@ $$^ $$(LIBS)
endef
$(foreach p,$(PROGRAMS),$(eval $(call program,$(p))))

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(FLAGS) $(CPPFLAGS) $(CFLAGS) $(NUMERIC) -MMD -MP -c -o $@ $<

# The inner loops of the network and of the metrics are written to be vectorised.
$(BUILD)/lib/net/%.o: NUMERIC = -O3 -fopenmp-simd -fno-math-errno -ffp-contract=fast
$(BUILD)/lib/metric/%.o $(BUILD)/lib/neighbors.o: NUMERIC = -O3 -fopenmp-simd -fno-math-errno
$(BUILD)/lib/gemm.o: NUMERIC = -O3 -ffp-contract=fast

# These include the kernels, to reach every variant of them.
$(BUILD)/unit/gemm $(BUILD)/unit/gemm-double: private NUMERIC = -O3 -ffp-contract=fast
$(BUILD)/unit/rows $(BUILD)/unit/rows-double $(BUILD)/unit/attend-double: private NUMERIC = -O3 -fopenmp-simd -fno-math-errno -ffp-contract=fast

# What knows the optional libraries is built again when they come or go: the file's time changes with what is in it.
KNOWING  = $(addprefix $(BUILD)/,lib/load/hdf5-file.o lib/load/assimp.o unit/hdf5 unit/assimp fuzz/hdf5-replay target/hdf5)
$(KNOWING): private FLAGS += $(OPTIONAL)
$(KNOWING): $(BUILD)/optional
$(BUILD)/optional: always
	@mkdir -p $(@D)
	@echo '$(OPTIONAL)' | cmp -s - $@ || echo '$(OPTIONAL)' >$@

$(BUILD)/unit/%: tests/unit/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(FLAGS) $(CPPFLAGS) $(CFLAGS) $(NUMERIC) -MMD -MP $(LDFLAGS) -o $@ $< $(LIBRARY) $(LIBS)

# Not part of anything: the scripts in tests/bench build what they run.
$(BUILD)/bench/%: tests/bench/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(FLAGS) $(CPPFLAGS) $(CFLAGS) -MMD -MP $(LDFLAGS) -o $@ $< $(LIBRARY) $(LIBS)

-include $(LIB_OBJ:.o=.d) $(wildcard $(BUILD)/cmd/*.d $(BUILD)/unit/*.d $(BUILD)/bench/*.d)

# Fuzzing of what reads untrusted bytes. tests/fuzz/x.c is a target, tests/fuzz/x.dict its words, tests/fuzz/corpus/x its inputs: seeds that
# tests/fuzz/make-seeds writes, and what was found from them. Any compiler builds a target as a program that replays files, which the tests do
# with the corpus; `make fuzz` builds it with clang and libFuzzer, and runs each of FUZZ_TARGETS for FUZZ_RUNS executions (tests/fuzz/run). All
# that stays below build/fuzz: inputs that failed in found/, for build/fuzz/x-replay FILE or build/fuzz/target/x FILE, and the grown corpus, of which
#     build/fuzz/target/x -merge=1 -use_counters=0 tests/fuzz/corpus/x build/fuzz/corpus/x
# takes into the tree what reaches code that nothing there reaches.
FUZZ_ALL     = $(filter-out replay,$(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c)))
FUZZ_TARGETS = $(FUZZ_ALL)
FUZZ_PROGRAMS = command filter
FUZZ_RUNS    = 100000
FUZZ_CC      = clang
FUZZ_CFLAGS  = -O2 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fsanitize-trap=undefined
FUZZ_BUILD   = CC="$(FUZZ_CC)" CFLAGS="$(FUZZ_CFLAGS)" NUMERIC= BUILD=build/fuzz WITHOUT=assimp

# A program starts faster without the libraries that it does not use.
$(BUILD)/fuzz/%-replay: tests/fuzz/%.c tests/fuzz/replay.c $(wildcard tests/fuzz/*.h) $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(FLAGS) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.c,$^) $(filter %.a,$(sort $^)) -Wl,--as-needed $(LIBS)

$(BUILD)/target/%: tests/fuzz/%.c $(wildcard tests/fuzz/*.h) $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(FLAGS) $(CFLAGS) -fsanitize=fuzzer -o $@ $(filter %.c,$^) $(filter %.a,$(sort $^)) -Wl,--as-needed $(LIBS)

# Whole programs as targets (tests/fuzz/process.h): copies of all objects, in which the C library and the variables have other names.
PROCESS     = $(BUILD)/fuzz/process.a
PROCESS_OBJ = $(patsubst %.c,$(BUILD)/process/%.o,$(LIB_SRC) $(wildcard cmd/*.c))
$(FUZZ_PROGRAMS:%=$(BUILD)/fuzz/%-replay) $(FUZZ_PROGRAMS:%=$(BUILD)/target/%): $(PROCESS)
$(PROCESS): $(PROCESS_OBJ)
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcs $@ $^
$(BUILD)/process/%.o: $(BUILD)/%.o tests/fuzz/process.syms
	@mkdir -p $(@D)
	objcopy --redefine-syms=tests/fuzz/process.syms --redefine-sym main=$(subst -,_,$(*F))_main --rename-section .bss=process_bss \
	    $(foreach s,.data .data.rel .data.rel.local,--rename-section $s=process_data) $< $@

replay: $(FUZZ_ALL:%=$(BUILD)/fuzz/%-replay)

fuzz:
	@$(MAKE) -s --no-print-directory $(FUZZ_BUILD) $(FUZZ_TARGETS:%=build/fuzz/target/%)
	FUZZ_RUNS=$(FUZZ_RUNS) tests/fuzz/run $(FUZZ_TARGETS)

# The same targets under AFL++, each for FUZZ_SECONDS; what it finds is in build/afl/out.
FUZZ_SECONDS = 60
AFL_BUILD   = CC=afl-clang-fast CFLAGS="-O2 -g -fno-omit-frame-pointer" NUMERIC= BUILD=build/afl WITHOUT=assimp
afl:
	@$(MAKE) -s --no-print-directory $(AFL_BUILD) $(FUZZ_TARGETS:%=build/afl/target/%)
	@mkdir -p build/afl/out
	for t in $(FUZZ_TARGETS); do \
	    AFL_NO_UI=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_BENCH_UNTIL_CRASH=1 afl-fuzz -V $(FUZZ_SECONDS) -t 5000 \
	        -i tests/fuzz/corpus/$$t -o build/afl/out/$$t $$([ ! -e tests/fuzz/$$t.dict ] || echo -x tests/fuzz/$$t.dict) -- build/afl/target/$$t || exit; \
	    grep -E 'execs_done|edges_found|saved_(crashes|hangs)' build/afl/out/$$t/default/fuzzer_stats; \
	    [ -z "$$(ls build/afl/out/$$t/default/crashes)" ] || exit; \
	done

unit: $(UNIT)

# Preloaded into programs under test; whatever they are built with, this is not.
faults: build/faults.so

build/faults.so: tests/faults.c
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -Wall -Wextra -D_GNU_SOURCE -O2 -g -fPIC -shared -fno-builtin -o $@ $<

demo: packages-build
	$(MAKE) all
	PATH="$(CURDIR)/$(BIN):$$PATH" pipelines/demo.sh

# EXPERIMENTS: options, as --molecules ARCHIVE or --quick.
experiments: packages-build packages-plot
	$(MAKE) all
	PATH="$(CURDIR)/$(BIN):$$PATH" pipelines/experiments.sh $(EXPERIMENTS)

check: packages-build packages-test
	$(MAKE) all unit replay faults
	tests/run

lint: packages-build packages-lint
	$(MAKE) all
	tests/lint

asan: packages-build packages-test
	$(MAKE) BUILD=build/asan BIN=build/asan/bin CFLAGS="-O1 -g -fsanitize=address,undefined -fno-omit-frame-pointer" all unit replay faults
	MFC_BIN=build/asan/bin MFC_UNIT=build/asan/unit tests/run

# Valgrind's memcheck over the tests that tests/valgrind lists (VALGRIND_TESTS: others), hours on one core.
valgrind: packages-build packages-test packages-valgrind
	$(MAKE) all unit faults
	tests/valgrind $(VALGRIND_TESTS)

# Races, over all tests or TSAN_TESTS. What ThreadSanitizer says goes to files, as a test may not look at what a program said. It wants an address
# space that is not shuffled, which newer kernels do more than it can bear.
TSAN_LOG = $(CURDIR)/build/tsan/log
tsan: packages-build packages-test
	$(MAKE) BUILD=build/tsan BIN=build/tsan/bin CFLAGS="-O1 -g -fsanitize=thread -fno-omit-frame-pointer" NUMERIC= all unit replay faults
	rm -rf $(TSAN_LOG)
	mkdir -p $(TSAN_LOG)
	TSAN_OPTIONS="log_path=$(TSAN_LOG)/race suppressions=$(CURDIR)/tests/tsan.supp print_suppressions=0" MFC_BIN=build/tsan/bin MFC_UNIT=build/tsan/unit \
	    $(shell setarch -R true 2>&1 && echo setarch -R) tests/run $(TSAN_TESTS)
	@find $(TSAN_LOG) -type f | xargs -r cat; [ -z "$$(ls $(TSAN_LOG))" ]

# Install what is missing where apt can; elsewhere say what is needed and stop.
packages-build: NEED = $(PACKAGES_BUILD)
packages-test: NEED = $(PACKAGES_TEST)
packages-plot: NEED = gnuplot-nox
packages-lint: NEED = cppcheck clang-tidy mandoc shellcheck
packages-valgrind: NEED = valgrind
packages-build packages-test packages-plot packages-lint packages-valgrind:
	@tests/packages $(NEED)

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man5 \
	    $(DESTDIR)$(PREFIX)/share/man/man7 $(DESTDIR)$(PREFIX)/share/mfc/pipelines
	install -m 755 $(PROGRAMS:%=$(BIN)/%) $(DESTDIR)$(PREFIX)/bin
	install -m 755 pipelines/*.sh $(DESTDIR)$(PREFIX)/share/mfc/pipelines
	install -m 644 pipelines/common.bash $(DESTDIR)$(PREFIX)/share/mfc/pipelines
	for s in 1 5 7; do install -m 644 man/*.$$s $(DESTDIR)$(PREFIX)/share/man/man$$s || exit; done

uninstall:
	rm -f $(PROGRAMS:%=$(DESTDIR)$(PREFIX)/bin/%)
	rm -rf $(DESTDIR)$(PREFIX)/share/mfc
	cd man && for m in *.[157]; do rm -f "$(DESTDIR)$(PREFIX)/share/man/man$${m##*.}/$$m"; done

clean:
	rm -rf build bin

.PHONY: all always unit faults replay fuzz afl demo experiments check lint asan tsan valgrind packages-build packages-test packages-plot packages-lint packages-valgrind install uninstall clean
