#include "report/table.h"

REGISTRY(report_format)
