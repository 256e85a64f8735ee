bats_require_minimum_version 1.5.0
load common

@test "EMD and CD of 200 pairs, degenerate ones among them, are those of scipy" {
	common_path
	common_setup
	run python3 "$BATS_TEST_DIRNAME/metric_agreement.py" "$BATS_TEST_TMPDIR"
	assert_success
	assert_output 201
}
