bats_require_minimum_version 1.5.0
load common

@test "EMD, squared EMD and CD of 360 pairs, degenerate ones and clouds of other sizes among them, are those of scipy" {
	common_path
	common_setup
	run python3 "$BATS_TEST_DIRNAME/metric_agreement.py" "$BATS_TEST_TMPDIR"
	assert_success
	assert_output 361
}
