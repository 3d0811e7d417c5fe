#include <fstream>
#include <iostream>
#include <string>

#include "layers/tests/greeting.h"

int main(int, char **argv) {
  std::ifstream words(std::string(argv[0]) + ".runfiles/_main/layers/tests/words.txt");
  std::string word;
  words >> word;
  std::cout << greeting() << ", " << word << std::endl;
}
