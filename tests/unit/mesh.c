/* The readers of meshes and points: what they take, and what they say of what they do not take. */
#include "check.h"
#include "array.h"
#include "load/mesh.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Read text or bytes as a file of that name; the copy ends in a 0 just behind, so that reading on is found by the sanitizers. */
static int read_bytes(struct mfc_mesh *mesh, const char *name, const void *bytes, size_t size, struct mfc_error *err)
{
	char *copy = malloc(size + 1);
	memcpy(copy, bytes, size);
	copy[size] = 0;
	mfc_mesh_init(mesh);
	err->message[0] = 0;
	int status = mfc_mesh_reader_for(name)(mesh, copy, size, err);
	free(copy);
	return status;
}

static void good(const char *what, const char *name, const void *bytes, size_t size, size_t vertices, size_t triangles)
{
	struct mfc_mesh mesh;
	struct mfc_error err;
	int status = read_bytes(&mesh, name, bytes, size, &err);
	check(status == 0 && mesh.vertices == vertices && mesh.triangles == triangles, "%s: %s (%zu vertices, %zu triangles) %s", name, what,
	    mesh.vertices, mesh.triangles, err.message);
	mfc_mesh_clear(&mesh);
}

static void bad(const char *what, const char *name, const void *bytes, size_t size, const char *message)
{
	struct mfc_mesh mesh;
	struct mfc_error err;
	int status = read_bytes(&mesh, name, bytes, size, &err);
	check(status == -1 && strstr(err.message, message), "%s: %s is refused: \"%s\"", name, what, err.message);
	mfc_mesh_clear(&mesh);
}

#define GOOD(what, name, text, v, t) good(what, name, text, sizeof text - 1, v, t)
#define BAD(what, name, text, message) bad(what, name, text, sizeof text - 1, message)
#define SQUARE "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n"

static void obj(void)
{
	GOOD("a polygon becomes a fan", "a.obj", SQUARE "f 1 2 3 4\n", 4, 2);
	GOOD("v/t/n, v//n, v/t corners", "a.OBJ", SQUARE "f 1/1/1 2//2 3/3\n", 4, 1);
	GOOD("relative indices", "a.obj", SQUARE "f -4 -3 -2 -1\n", 4, 2);
	GOOD("CRLF, comments, exponents, no last newline", "a.obj", "# x\r\nv 1e-3 2E+1 .5\r\nv 0 0 0 1.0\r\n\tv 1 1 1 # c\r\nf 1 2 3", 3, 1);
	GOOD("a line that goes on", "a.obj", SQUARE "f 1 2 \\\n3 4\n", 4, 2);
	GOOD("other statements", "a.obj", "mtllib m\no x\nvn 0 0 1\nvt 0 0\n" SQUARE "g y\nusemtl z\ns 1\nl 1 2\nf 1 2 3\n", 4, 1);
	GOOD("faces before vertices", "a.obj", "f 1 2 3\n" SQUARE, 4, 1);
	GOOD("lines that end in CR alone", "a.obj", "v 0 0 0\rv 1 0 0\rv 0 1 0\rf 1 2 3\r", 3, 1);
	GOOD("lines that go on within v and f, with CRLF, and at the end", "a.obj", "v 0 0 \\\r\n 0\nv 1 \\\n 0 0\nv 0 1 0\nf 1\\ \n 2/5\\\n 3 \\", 3, 1);
	GOOD("faces of one and two corners, tabs, signs", "a.obj", SQUARE "f 1\nf 1 2\nf 7 9\n\tf\t+1\t2\t3 # x\n", 4, 1);
	GOOD("weights and colours behind v", "a.obj", "v 0 0 0 1 0 0\nv 1 0 0 1.0\nv 0 1 0 .5 .5 .5 # c\nf 1 2 3\n", 3, 1);
	GOOD("a mark of UTF-8", "a.obj", "\xef\xbb\xbfv 0 0 0\n", 1, 0);
	GOOD("parameters are no vertices", "a.obj", "vp 1 2\nvn x\n" SQUARE "fo 1 2 3\n", 4, 0);
	BAD("an index out of range", "a.obj", SQUARE "f 1 2 99\n", "line 5: face index 99 out of range (4 vertices)");
	BAD("index zero", "a.obj", SQUARE "f 0 1 2\n", "line 5: face index 0 out of range");
	BAD("too negative an index", "a.obj", SQUARE "f -5 1 2\n", "line 5: face index -5 out of range");
	BAD("a word for a number", "a.obj", "v 1 x 2\n", "line 1: not a coordinate: \"x\"");
	BAD("a missing coordinate", "a.obj", "v 1 2\nv 1 2 3\n", "line 1: not a coordinate");
	BAD("a hexadecimal number", "a.obj", "v 0 0 0x10\n", "line 1: not a coordinate: \"0x10\"");
	BAD("an endless number", "a.obj", "v 0 0 1e\n", "line 1: not a coordinate: \"1e\"");
	BAD("a number too large", "a.obj", "v 0 0 1e400\n", "line 1: a coordinate that is not finite");
	BAD("a word for an index", "a.obj", SQUARE "f 1 2 x/1\n", "line 5: not a face index: \"x/1\"");
	BAD("a number for an index", "a.obj", SQUARE "f 1 2 3.5\n", "line 5: not a face index: \"3.5\"");
	BAD("an index beyond all", "a.obj", SQUARE "f 1 2 18446744073709551617\n", "line 5: face index 18446744073709551617 out of range");
	BAD("the error's line where lines go on", "a.obj", "v 0 \\\n0 \\\nx\n", "line 3: not a coordinate: \"x\"");
	BAD("the error's line where lines end in CR", "a.obj", "v 0 0 0\r\rv x\r", "line 3: not a coordinate: \"x\"");
	BAD("the highest of several indices", "a.obj", "f 1 2 5\nf 1 2 9\nf 1 2 7\n" SQUARE, "line 2: face index 9 out of range (4 vertices)");
	BAD("NaN", "a.obj", SQUARE "v nan 0 0\n", "line 5: a coordinate that is not finite");
	BAD("no vertex", "a.obj", "# nothing\n", "no vertices");
	BAD("nothing", "a.obj", "", "no vertices");
}

static void off(void)
{
	GOOD("plain", "a.off", "OFF\n4 1 0\n0 0 0\n1 0 0\n1 1 0\n0 1 0\n4 0 1 2 3\n", 4, 2);
	GOOD("counts on the first line without a blank (ModelNet)", "a.off", "OFF3 1 0\n0 0 0\n1 0 0\n1 1 0\n3 0 1 2\n", 3, 1);
	GOOD("comments and colours", "a.off", "OFF # x\n\n# y\n3 1 0\n0 0 0\n1 0 0\n1 1 0\n3 0 1 2 255 0 0\n", 3, 1);
	GOOD("numbers behind the coordinates", "a.off", "STNCOFF\n3 1 0\n0 0 0 1 1 1 9 9\n1 0 0 1 1 1 9 9\n1 1 0 1 1 1 9 9\n3 0 1 2\n", 3, 1);
	GOOD("CR alone, faces of two", "a.off", "OFF\r3 2 0\r0 0 0\r1 0 0\r1 1 0\r2 0 1\r3 0 1 2 0.5 0.5 0.5\r", 3, 1);
	GOOD("no faces", "a.off", "OFF 1 0 0\n0 0 0\n", 1, 0);
	BAD("any dimension", "a.off", "nOFF 4\n1 0 0\n0 0 0 0\n", "line 1: OFF of any dimension");
	BAD("a weight of 0", "a.off", "4OFF\n1 0 0\n1 1 1 0\n", "line 3: not four finite coordinates");
	BAD("a face too large", "a.off", "OFF\n1 1 0\n0 0 0\n5000 0 0 0\n", "line 4: not a face of at most 4096 corners");
	BAD("huge numbers of faces", "a.off", "OFF\n1 999999999999 0\n0 0 0\n", "line 3: ends after 0 of 999999999999 faces");
	BAD("an index out of range", "a.off", "OFF\n3 1 0\n0 0 0\n1 0 0\n1 1 0\n3 0 1 3\n", "line 6: face index out of range");
	BAD("an end too early", "a.off", "OFF\n3 1 0\n0 0 0\n1 0 0\n", "ends after 2 of 3 vertices");
	BAD("huge counts", "a.off", "OFF\n999999999999 1 0\n0 0 0\n", "ends after 1 of 999999999999");
	BAD("another file", "a.off", "solid x\n", "line 1: does not begin with OFF");
	struct mfc_mesh mesh;
	struct mfc_error err;
	const char weighted[] = "4OFF\n1 0 0\n2 4 6 2\n";
	read_bytes(&mesh, "a.off", weighted, sizeof weighted - 1, &err);
	check(mesh.vertices == 1 && mesh.position[0] == 1 && mesh.position[2] == 3, "a.off: the fourth coordinate divides the others");
	mfc_mesh_clear(&mesh);
}

#define ONE "\x3f\x80\0\0"
#define ZERO "\0\0\0\0"
#define BINARY "OFF BINARY\n\0\0\0\3\0\0\0\1\0\0\0\0" ZERO ZERO ZERO ONE ZERO ZERO ZERO ONE ZERO

static void binary_off(void)
{
	static const char plain[] = BINARY "\0\0\0\3\0\0\0\0\0\0\0\1\0\0\0\2\0\0\0\1" ONE;
	struct mfc_mesh mesh;
	struct mfc_error err;
	int status = read_bytes(&mesh, "a.off", plain, sizeof plain - 1, &err);
	check(status == 0 && mesh.vertices == 3 && mesh.triangles == 1 && mesh.position[3] == 1 && mesh.triangle[2] == 2, "a.off: binary %s", err.message);
	mfc_mesh_clear(&mesh);
	GOOD("binary with colours", "a.off", "COFF BINARY\n\0\0\0\1" ZERO ZERO ONE ONE ONE ZERO ZERO ZERO ZERO, 1, 0);
	for (size_t cut = 1; cut < sizeof plain - 13; cut++) {
		status = read_bytes(&mesh, "a.off", plain, sizeof plain - 1 - cut, &err);
		if (status == 0 || !strstr(err.message, "ends"))
			break;
		mfc_mesh_clear(&mesh);
		status = -2;
	}
	check(status == -2, "a.off: binary, cut anywhere, is refused");
	BAD("binary, huge counts", "a.off", "OFF BINARY\n\x7f\xff\xff\xff\0\0\0\1\0\0\0\0" ZERO, "ends after 0 of 2147483647 vertices");
	BAD("binary, huge numbers of faces", "a.off", "OFF BINARY\n\0\0\0\0\x7f\xff\xff\xff\0\0\0\0" ZERO ZERO, "ends after 1 of 2147483647 faces");
	BAD("binary, an endless face", "a.off", BINARY "\x7f\xff\xff\xff" ZERO ZERO, "not a face of at most");
	BAD("binary, endless colours", "a.off", BINARY ZERO "\xff\xff\xff\xff" ZERO, "ends after 0 of 1 faces");
	BAD("binary, an index out of range", "a.off", BINARY "\0\0\0\1\0\0\0\3" ZERO, "face index out of range (3 vertices)");
	BAD("binary, NaN", "a.off", "OFF BINARY\n\0\0\0\1" ZERO ZERO "\x7f\xff\xff\xff" ZERO ZERO, "byte 23: a coordinate that is not finite");
}

#define PLY "ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nproperty float y\nproperty float z\n"
#define PLY_FACE "element face 1\nproperty list uchar int vertex_indices\nend_header\n0 0 0\n1 0 0\n0 1 0\n"

static void ply(void)
{
	GOOD("ASCII", "a.ply", PLY PLY_FACE "3 0 1 2\n", 3, 1);
	GOOD("points without faces", "a.ply", PLY "end_header\n0 0 0\n1 0 0\n0 1 0\n", 3, 0);
	BAD("an index out of range", "a.ply", PLY PLY_FACE "3 0 1 7\n", "out of range");
	BAD("an end too early", "a.ply", PLY "end_header\n0 0 0\n1 0\n", "ends within the data");
	BAD("no end of the header", "a.ply", PLY, "ends within the header");
	BAD("an unknown type", "a.ply", "ply\nformat ascii 1.0\nelement vertex 3\nproperty quad x\n", "line 4: not a type: \"quad\"");
	BAD("no z", "a.ply", "ply\nformat ascii 1.0\nelement vertex 1\nproperty float x\nproperty float y\nend_header\n0 0\n", "no x, y and z");
	const char little[] = "ply\nformat binary_little_endian 1.0\nelement vertex 2\nproperty float x\nproperty float y\nproperty float z\n"
	    "property uchar red\nproperty uchar green\nproperty uchar blue\nend_header\n"
	    "\0\0\x80\x3f\0\0\0\x40\0\0\0\0\1\2\3" "\0\0\0\0\0\0\0\0\0\0\x80\xbf\xff\xfe\xfd";
	struct mfc_mesh mesh;
	struct mfc_error err;
	struct mfc_array a;
	int status = read_bytes(&mesh, "a.ply", little, sizeof little - 1, &err);
	check(status == 0 && mesh.position[0] == 1 && mesh.position[1] == 2 && mesh.position[5] == -1, "a.ply: binary, little endian %s", err.message);
	check(mfc_array_view(mfc_value_get(&mesh.extra, "color"), &a) && a.shape[0] == 2 && (unsigned char)a.data[3] == 255, "a.ply: colours are kept");
	mfc_mesh_clear(&mesh);
	bad("a cut binary file", "a.ply", little, sizeof little - 5, "ends within the data");
	const char big[] = "ply\nformat binary_big_endian 1.0\nelement vertex 1\nproperty double x\nproperty short y\nproperty float z\nend_header\n"
	    "\x3f\xf0\0\0\0\0\0\0" "\xff\xfe" "\x3f\0\0\0";
	status = read_bytes(&mesh, "a.ply", big, sizeof big - 1, &err);
	check(status == 0 && mesh.position[0] == 1 && mesh.position[1] == -2 && mesh.position[2] == 0.5, "a.ply: binary, big endian %s", err.message);
	mfc_mesh_clear(&mesh);
	GOOD("lists of other things, and a row over lines", "a.ply", "ply\nformat ascii 1.0\nelement vertex 3\nproperty list uchar float w\nproperty float x\n"
	    "property float y\nproperty float z\nelement edge 1\nproperty int a\nproperty list int int b\nelement face 1\nproperty uchar flags\n"
	    "property list uchar int vertex_index\nproperty list uchar float uv\nend_header\n0 0 0 0\n2 9 9 1 0\n0\n1 9 0 1 0\n7 2 1 1\n"
	    "1 3 0 1 2 2 0.5 nan\n", 3, 1);
	GOOD("lines that end in CR alone", "a.ply", "ply\rformat ascii 1.0\relement vertex 1\rproperty float x\rproperty float y\rproperty float z\rend_header\r0 0 0\r", 1, 0);
	GOOD("a binary body that begins as a line's end would", "a.ply", "ply\rformat binary_little_endian 1.0\relement vertex 1\rproperty uchar x\r"
	    "property uchar y\rproperty uchar z\rend_header\r\n\n\n", 1, 0);
	BAD("a strange length", "a.ply", PLY PLY_FACE "-3 0 1 2\n", "line 13: a list of a strange length");
	BAD("half an index", "a.ply", PLY PLY_FACE "3 0 1 1.5\n", "line 13: face index out of range");
	BAD("a word for an index", "a.ply", PLY PLY_FACE "3 0 1 x\n", "line 13: not a number");
	BAD("a face too large", "a.ply", PLY PLY_FACE "5000 0 1 x\n", "line 13: a list of a strange length");
	BAD("endless lists", "a.ply", "ply\nformat ascii 1.0\nelement x 1000000000000\nproperty list int int y\nend_header\n0\n0\n", "line 7: ends within the data");
	BAD("endless binary lists", "a.ply", "ply\nformat binary_big_endian 1.0\nelement x 1000000000000\nproperty list uchar int y\nend_header\n\0\0", "byte 96: ends within the data");
	BAD("a list longer than the file", "a.ply", "ply\nformat binary_big_endian 1.0\nelement x 1\nproperty list uint double y\nend_header\n\xff\xff\xff\xff\1\2", "ends within the data");
	BAD("endless rows of nothing", "a.ply", "ply\nformat ascii 1.0\nelement x 999999999999999999\nend_header\n", "no vertices");
	BAD("a huge count of rows that are passed over", "a.ply", "ply\nformat binary_big_endian 1.0\nelement x 999999999999999999\nproperty double y\nend_header\nabc", "ends within the data");
	BAD("a huge count", "a.ply", "ply\nformat binary_little_endian 1.0\nelement vertex 4000000000\nproperty float x\nproperty float y\nproperty float z\nend_header\nabc",
	    "ends within the data");
}

#define STRIPS "element tristrips 1\nproperty list int int vertex_indices\nend_header\n"

static void strips(void)
{
	static const char head[] = "ply\nformat ascii 1.0\nelement vertex 4\nproperty float x\nproperty float y\nproperty float z\n"
	    STRIPS "0 0 0\n1 0 0\n0 1 0\n1 1 0\n10 0 1 2 3 -1 3 3 2 2 1\n";
	struct mfc_mesh mesh;
	struct mfc_error err;
	int status = read_bytes(&mesh, "a.ply", head, sizeof head - 1, &err);
	static const uint32_t expected[] = { 0, 1, 2, 2, 1, 3 };
	check(status == 0 && mesh.triangles == 2 && memcmp(mesh.triangle, expected, sizeof expected) == 0, "a.ply: triangle strips %s", err.message);
	mfc_mesh_clear(&mesh);
	BAD("a strip's index out of range", "a.ply", PLY STRIPS "0 0 0\n1 0 0\n0 1 0\n3 0 1 3\n", "line 13: strip index out of range");
	BAD("a strip's end", "a.ply", PLY STRIPS "0 0 0\n1 0 0\n0 1 0\n2000000000 0 1 2\n", "ends within the data");
}

static void stl(void)
{
	GOOD("ASCII", "a.stl", "solid x\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\nendfacet\nendsolid\n", 3, 1);
	GOOD("several solids, CRLF, capitals, no names", "a.stl", "\r\n SOLID\r\nFACET\r\nVERTEX 0 0 0\r\nVERTEX 1 0 0\r\nVERTEX 0 1e0 0\r\nENDFACET\r\nENDSOLID\r\n"
	    "solid y\r\nfacet\r\nvertex 0 0 0\r\nvertex 1 0 0\r\nvertex 0 1 0\r\nendfacet\r\nendsolid y\r\n", 6, 2);
	BAD("a fourth vertex", "a.stl", "solid x\nvertex 0 0 0\nvertex 0 0 1\nvertex 0 1 0\nvertex 1 0 0\n", "line 5: a fourth vertex in a facet");
	BAD("two coordinates", "a.stl", "solid x\nvertex 0 0\nvertex 0 0 1\n", "line 2: not three finite coordinates");
	BAD("NaN", "a.stl", "solid x\nvertex 0 0 nan\n", "line 2: not three finite coordinates");
	char binary[84 + 50] = "solid but binary";
	const float corner[] = { 0, 0, 0, 1, 0, 0, 0, 1, 0 };
	binary[80] = 1;
	memcpy(binary + 84 + 12, corner, sizeof corner);
	good("binary, though it begins with solid", "a.stl", binary, sizeof binary, 3, 1);
	char longer[sizeof binary + 3] = "";
	memcpy(longer, binary, sizeof binary);
	good("and has bytes behind its end", "a.stl", longer, sizeof longer, 3, 1);
	memcpy(longer + 84 + 12 + 32, "\0\0\x80\x7f", 4);
	bad("infinity", "a.stl", longer, sizeof longer, "byte 96: a coordinate that is not finite");
	memcpy(longer + 80, "\xff\xff\xff\x7f", 4);
	bad("a huge count", "a.stl", longer, sizeof longer, "ends after 1 of 2147483647 triangles");
	memset(binary, 'b', 5);
	bad("a cut binary file", "a.stl", binary, sizeof binary - 1, "ends after 0 of 1 triangles");
	BAD("half a facet", "a.stl", "solid x\nvertex 0 0 0\n", "ends within a facet");
	BAD("a facet of two", "a.stl", "solid x\nvertex 0 0 0\nvertex 0 0 1\nendfacet\n", "line 4: a facet of 2 vertices");
	BAD("text", "a.stl", "hello", "too short for STL");
}

static void npy(void)
{
	char file[256];
	struct mfc_mesh mesh;
	struct mfc_error err;
	const float x[] = { 1, 2, 3, 4, 5, 6 };
	for (int fortran = 0; fortran < 2; fortran++) {
		int head = snprintf(file + 10, 128, "{'descr': '<f4', 'fortran_order': %s, 'shape': (2, 3), }\n", fortran ? "True" : "False");
		memcpy(file, "\x93NUMPY\1\0", 8);
		file[8] = (char)head;
		file[9] = 0;
		memcpy(file + 10 + head, x, sizeof x);
		int status = read_bytes(&mesh, "a.npy", file, 10 + (size_t)head + sizeof x, &err);
		check(status == 0 && mesh.vertices == 2 && mesh.dim == 3 && mesh.position[1] == (fortran ? 3 : 2), "a.npy: %s order %s",
		    fortran ? "Fortran" : "C", err.message);
		mfc_mesh_clear(&mesh);
		bad("a cut file", "a.npy", file, 10 + (size_t)head + sizeof x - 1, "ends within the numbers");
	}
	BAD("another file", "a.npy", "hello world, no array", "byte 0: not a NumPy array");
	BAD("objects", "a.npy", "\x93NUMPY\1\0\x40\0{'descr': '|O', 'fortran_order': False, 'shape': (2,), }          \n", "dtype '|O' cannot be read");
}

static void table(void)
{
	struct mfc_mesh mesh;
	struct mfc_error err;
	GOOD("blanks", "a.xyz", "0 0 0\n1 2 3\n\n# c\n4 5 6\n", 3, 0);
	GOOD("commas and a line of names", "a.csv", "x,y,z\n0,0,0\n1,2,3\n", 2, 0);
	GOOD("a first line with the count", "a.pts", "2\n0 0 0\n1 2 3\n", 2, 0);
	GOOD("semicolons, tabs, blanks about them", "a.csv", "\"x\";\"y\";\"z\"\n1 ; 2;3\n4;\t5 ;6\n7\t8\t9\n", 3, 0);
	GOOD("CR alone", "a.xyz", "1 2 3\r4 5 6\r", 2, 0);
	BAD("an empty field", "a.csv", "1,2,3\n1,,3\n", "line 2: not numbers");
	GOOD("one column", "a.xyz", "1\n2\n3\n", 3, 0);
	BAD("a ragged line", "a.xyz", "0 0 0\n1 2\n", "line 2: 2 numbers where the lines before have 3");
	BAD("a word", "a.xyz", "0 0 0\n1 b 2\n", "line 2: not numbers");
	BAD("infinity", "a.xyz", "0 0 inf\n", "line 1: a coordinate that is not finite");
	const char six[] = "0 0 0 7 8 9\n1 2 3 10 11 12\n";
	read_bytes(&mesh, "a.xyz", six, sizeof six - 1, &err);
	struct mfc_array a;
	float f = 0;
	bool kept = mfc_array_view(mfc_value_get(&mesh.extra, "columns"), &a) && a.shape[1] == 3;
	check(kept && mfc_array_floats(&a, 5, 1, &f, NULL) == 0 && f == 12, "a.xyz: further columns are kept");
	mfc_mesh_clear(&mesh);
}

/* Each reader cuts a polygon as load/polygon.h says: the notch of this one is not filled. */
static void concave(void)
{
	static const char obj[] = "v 0 0 0\nv 2 1 0\nv 0 2 0\nv 0.5 1 0\nf 1 2 3 4\nf 2 3 4 1\n";
	static const char off[] = "OFF\n4 2 0\n0 0 0\n2 1 0\n0 2 0\n0.5 1 0\n4 0 1 2 3\n4 1 2 3 0\n";
	static const char *const name[] = { "a.obj", "a.off" };
	for (int i = 0; i < 2; i++) {
		struct mfc_mesh mesh;
		struct mfc_error err;
		double area = 0;
		read_bytes(&mesh, name[i], i ? off : obj, i ? sizeof off - 1 : sizeof obj - 1, &err);
		for (size_t j = 0; j < mesh.triangles; j++) {
			const double *a = mesh.position + 3 * mesh.triangle[3 * j], *b = mesh.position + 3 * mesh.triangle[3 * j + 1],
			    *c = mesh.position + 3 * mesh.triangle[3 * j + 2];
			area += fabs((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])) / 2;
		}
		check(mesh.triangles == 4 && fabs(area - 2 * 1.5) < 1e-12, "%s: a concave face keeps its area (%g)", name[i], area / 2);
		mfc_mesh_clear(&mesh);
	}
}

/* Arrays that another filled grow like those that a reader did, and spare room is given back. */
static void growth(void)
{
	struct mfc_mesh mesh;
	mfc_mesh_init(&mesh);
	mesh.vertices = 3;
	mesh.triangles = 1;
	mesh.position = calloc(9, sizeof *mesh.position);
	mesh.triangle = calloc(3, sizeof *mesh.triangle);
	int status = 0;
	for (uint32_t i = 0; i < 1000; i++)
		status |= mfc_mesh_add_vertex(&mesh, (double[]){ i, 0, 0 }, NULL) || mfc_mesh_add_polygon(&mesh, (uint32_t[]){ 0, 1, 2, i + 3 }, 4, NULL);
	check(status == 0 && mesh.vertices == 1003 && mesh.position[3 * 1002] == 999 && mesh.position[0] == 0 && mesh.triangles == 2001,
	    "a mesh grows from what another filled");
	check(mfc_mesh_check(&mesh, NULL) == 0 && mesh.vertex_room == 1003 && mesh.triangle_room == 2001, "what was not needed is given back");
	check(mfc_mesh_more_vertices(&mesh, UINT32_MAX, NULL) == -1 && mfc_mesh_more_triangles(&mesh, SIZE_MAX, NULL) == -1 && mesh.position[3 * 1002] == 999,
	    "more than indices reach is refused");
	mfc_mesh_clear(&mesh);
}

/* Nothing that is read may crash, whatever bytes are changed: a fixed course of 3,000 mutations of each. */
static void mutations(const char *name, const void *bytes, size_t size)
{
	unsigned state = 12345;
	char *copy = malloc(size);
	int survived = 0;
	for (int i = 0; i < 3000; i++) {
		memcpy(copy, bytes, size);
		for (int k = 0; k < 1 + i % 4; k++) {
			state = state * 1664525u + 1013904223u;
			copy[(state >> 8) % size] = (char)(state >> 24);
		}
		struct mfc_mesh mesh;
		struct mfc_error err;
		read_bytes(&mesh, name, copy, state % 7 ? size : (state >> 8) % size, &err);
		mfc_mesh_clear(&mesh);
		survived++;
	}
	free(copy);
	check(survived == 3000, "%s: survives %d mutations", name, survived);
}

int main(void)
{
	obj();
	off();
	binary_off();
	ply();
	strips();
	stl();
	concave();
	growth();
	npy();
	table();
#define MUTATIONS(name, text) mutations(name, text, sizeof text - 1)
	MUTATIONS("a.obj", SQUARE "f 1 2 3 4\nf -1/2/3 -2//1 1\n");
	MUTATIONS("a.off", "OFF3 1 0\n0 0 0\n1 0 0\n1 1 0\n3 0 1 2\n");
	MUTATIONS("a.ply", PLY PLY_FACE "3 0 1 2\n");
	MUTATIONS("a.ply", "ply\nformat binary_little_endian 1.0\nelement vertex 3\nproperty char x\nproperty short y\nproperty uchar z\nelement face 2\n"
	    "property list uchar uchar vertex_indices\nend_header\n\0\0\0\0\1\0\0\0\0\1\0\0\3\0\1\2\3\2\1\0");
	MUTATIONS("a.ply", PLY STRIPS "0 0 0\n1 0 0\n0 1 0\n7 0 1 2 -1 2 1 0\n");
	MUTATIONS("a.off", BINARY "\0\0\0\3\0\0\0\0\0\0\0\1\0\0\0\2\0\0\0\1" ONE);
	MUTATIONS("a.stl", "solid x\nfacet\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendfacet\n");
	MUTATIONS("a.npy", "\x93NUMPY\1\0\x40\0{'descr': '<i2', 'fortran_order': False, 'shape': (2, 2), }      \n12345678");
	MUTATIONS("a.csv", "x,y,z\n0,0,0\n1,2,3\n# x\n1e5 7;8\n");
	check(!mfc_mesh_reader_for("a.png") && !mfc_mesh_reader_for("obj") && mfc_mesh_reader_for("b.obj/c.STL"), "a file is known by its extension");
	return done();
}
