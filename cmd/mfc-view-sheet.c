/* The two forms of mfc-view's pictures. */
#include "mfc-view.h"

#include "output/png.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Row of each cloud when a row takes so many and groups begin anew; returns the number of rows. */
static size_t arrange(const struct view *v, size_t columns, size_t *row, size_t *column)
{
	size_t r = 0, c = 0;
	for (size_t i = 0; i < v->count; i++) {
		if (i && (c == columns || v->group[i] != v->group[i - 1])) {
			r++;
			c = 0;
		}
		row[i] = r;
		column[i] = c++;
	}
	return r + 1;
}

static size_t *places(const struct view *v)
{
	size_t *place = calloc(2 * v->count, sizeof *place);
	if (!place)
		cli_die("out of memory");
	return place;
}

void view_sheet(struct view *v)
{
	struct mfc_error err;
	struct mfc_image image;
	size_t columns = v->columns ? v->columns : 8, *row = places(v), *column = row + v->count;
	size_t rows = arrange(v, columns, row, column), widest = 0;
	for (size_t i = 0; i < v->count; i++)
		widest = column[i] + 1 > widest ? column[i] + 1 : widest;
	cli_hold(&v->cli, widest * v->size * rows * v->size, 3, "the sheet");
	cli_hold(&v->cli, 1, mfc_render_bytes(v->size), "drawing a cloud");
	if (mfc_image_create(&image, widest * v->size, rows * v->size, &err))
		cli_die("%s", err.message);
	for (size_t i = 0; i < v->count; i++) {
		if (mfc_render(&image, column[i] * v->size, row[i] * v->size, v->size, &v->picture[i], &err))
			cli_die("%s", err.message);
		cli_progress(&v->cli, (double)(i + 1), (double)v->count, "clouds", "drawing");
	}
	for (size_t i = 1; i < v->count; i++)
		if (v->group[i] != v->group[i - 1])
			mfc_render_line(&image, row[i] * v->size);
	cli_progress_end(&v->cli);
	if (mfc_png_write(cli_output_file(&v->cli, true), &image, &err))
		cli_die("%s: %s", v->cli.output, err.message);
	cli_output_file_end(&v->cli);
	mfc_image_clear(&image);
	free(row);
}

static size_t terminal_width(int fd)
{
	struct winsize size;
	const char *columns = getenv("COLUMNS");
	if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col)
		return size.ws_col;
	return columns && atol(columns) > 0 ? (size_t)atol(columns) : 80;
}

void view_terminal(struct view *v)
{
	enum { MIN_WIDE = 26 };   /* characters of a cloud, at least, when the number in a row is not given */
	FILE *out = v->pass ? stderr : cli_output_file(&v->cli, false);
	const char *term = getenv("TERM");
	bool colour = !getenv("NO_COLOR") && !(term && strcmp(term, "dumb") == 0);
	size_t width = terminal_width(v->pass ? STDERR_FILENO : STDOUT_FILENO), columns = v->columns ? v->columns : width / MIN_WIDE;
	columns = columns < 1 ? 1 : columns > v->count ? v->count : columns;
	size_t wide = width / columns < 2 ? 1 : width / columns - 1, high = wide / 2 < 40 ? (wide + 1) / 2 : 40;
	size_t *row = places(v), *column = row + v->count;
	arrange(v, columns, row, column);
	for (size_t first = 0, next; first < v->count; first = next) {
		for (next = first; next < v->count && row[next] == row[first];)
			next++;
		char **line = calloc((next - first) * high, sizeof *line);
		struct mfc_error err;
		for (size_t i = first; line && i < next; i++)
			if (mfc_render_text(&v->picture[i], wide, high, colour, line + (i - first) * high, &err))
				cli_die("%s", err.message);
		if (!line)
			cli_die("out of memory");
		for (size_t r = 0; r < high; r++) {
			for (size_t i = 0; i < next - first; i++) {
				fprintf(out, "%s%s", i ? " " : "", line[i * high + r]);
				free(line[i * high + r]);
			}
			fputc('\n', out);
		}
		free(line);
	}
	free(row);
	if (!v->pass)
		cli_output_file_end(&v->cli);
	else if (ferror(out))
		cli_die("standard error: cannot be written");
}
