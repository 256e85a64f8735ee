#include "mesh.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_mesh(mfc_off_read, data, size);
}
