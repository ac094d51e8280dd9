// The negative control of command_server: a command line that ends as its first word says, for mutate.py to see each end for what it is.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <vector>

int main(int argc, char** argv) {
  const char* word = argc > 1 ? argv[1] : "";
  const auto is = [&](const char* what) { return std::strcmp(word, what) == 0; };
  if (is("abort")) std::abort();
  if (is("nan")) std::puts("mean [h],nan");
  if (is("nan-file"))
    if (std::FILE* file = std::fopen("told.csv", "w")) std::fputs("1,inf\n2,nan\n", file), std::fclose(file);
  for (volatile bool go_on = is("loop"); go_on;) {
  }
  std::vector<std::vector<char>> held;
  try {
    while (is("memory")) held.emplace_back(std::size_t{64} << 20, 'x');
  } catch (const std::bad_alloc&) {
    std::fputs("error: not enough memory\n", stderr);
    return 3;
  }
  return std::atoi(word);
}
