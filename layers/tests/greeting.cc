#include "layers/tests/greeting.h"

const char *greeting() { return "greetings"; }
