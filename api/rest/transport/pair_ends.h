// The socket pairs between edge and application, and who closes them. Any thread.
#pragma once

#include <mutex>
#include <set>
#include <vector>

namespace runledger::api {

class PairEnds {
 public:
  PairEnds() = default;
  ~PairEnds();  // closes both ends of all; nobody may use one any more
  PairEnds(const PairEnds&) = delete;
  PairEnds& operator=(const PairEnds&) = delete;

  // The application's end of a new pair, whose other end is free to be taken. Throws
  // std::system_error.
  int open();
  int take();  // the edge's end of a pair, -1 when all are taken
  void give_back(int fd);
  void retire(int fd);  // given back, but not to be taken again
  // The application has closed its end itself.
  void forget_application_end(int fd);
  // From now on writes to the pairs given back fail, and reads see the end. None of them is closed.
  void shut_down();

 private:
  std::mutex mutex_;
  std::vector<int> free_;  // the edge's ends
  std::vector<int> retired_;
  std::set<int> application_ends_;
};

}  // namespace runledger::api
