/* mfc-metric: how alike a set of generated clouds and a set of reference clouds are. */
#include "mfc-metric.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	static struct metric m;
	size_t rows;
	bool json = false;
	const struct cli_option table[] = {
		METRIC_OPTIONS(&m),
		{ "json", 0, NULL, "one JSON object instead of TSV", CLI_FLAG, &json },
		{ "paper", 0, NULL, "of the figures MMD-EMD x 100 and MMD-CD x 1000 alone, as the MF-CDM paper's tables", CLI_FLAG, &m.paper },
		{ "by-label", 'l', NULL, "a row for each label, and one for all", CLI_FLAG, &m.by_label },
		{ "nearest", 0, NULL, "instead of the table, each cloud's nearest other cloud: what 1-NNA counts", CLI_FLAG, &m.nearest },
		{ "bootstrap", 'b', "B", "standard errors from B samples of the clouds", CLI_COUNT, &m.bootstrap },
		{ 0 }
	};
	if (argc > 1 && strcmp(argv[1], "pairs") == 0)
		return metric_pairs(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "chaos") == 0)
		return metric_chaos(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "moments") == 0)
		return metric_moments(argc - 1, argv + 1);
	m.cli = (struct cli){ .program = "mfc-metric",
		.synopsis = "--reference FILE [--block I/M | --merge FILE] [option ...] [file]\n"
			"       mfc-metric pairs --reference FILE [--block I/M | --merge FILE] [option ...] [file]\n       mfc-metric chaos [--reference FILE] [option ...] [file]\n"
			"       mfc-metric moments [--reference FILE] [option ...] [file]",
		.purpose = "Compare generated clouds with reference clouds: MMD, COV and 1-NNA by CD and EMD, and JSD." };
	m.tau = NAN;
	cli_parse(&m.cli, argc, argv, table);
	if (m.paper && m.metrics)
		cli_usage("--paper is of cd and emd: without --metrics");
	if (m.nearest && (json || m.paper || m.by_label || m.bootstrap))
		cli_usage("--nearest prints no figures: without --json, --paper, --by-label and --bootstrap");
	m.metrics = m.paper ? "cd,emd" : m.metrics;
	if (m.bootstrap == 1)
		cli_usage("--bootstrap 1: a standard error takes 2 samples or more");
	metric_load(&m, false);
	if (m.generated.count != m.reference.count)
		cli_warn("warning: %zu generated and %zu reference clouds: the convention compares sets of equal size", m.generated.count,
		    m.reference.count);
	if (m.blocks && !metric_block_begin(&m))
		return 0;
	if (m.nearest && !m.blocks)
		metric_nearest_header(m.nearest_out = cli_output_file(&m.cli, false));
	struct metric_row *row = metric_rows(&m, &rows);
	cli_progress_end(&m.cli);
	if (m.blocks) {
		cli_output_end(&m.cli);
	} else {
		if (!m.nearest)
			metric_print(cli_output_file(&m.cli, false), &m, row, rows, json);
		cli_output_file_end(&m.cli);
	}
	free(row);
	metric_clear(&m);
	return 0;
}
