// Yardstick: a saturated line with finite buffers, one SimGrid S4U actor per station; usage: bench_simgrid_line stations buffer parts.
#include <simgrid/s4u.hpp>
#include <random>
#include <chrono>
#include <cstdio>
namespace sg4 = simgrid::s4u;
// tandem line, M stations, finite buffers B (blocking after service), saturated, K parts
int main(int argc,char**argv){
  int M=atoi(argv[1]); int B=atoi(argv[2]); long K=atol(argv[3]);
  std::vector<char*> av{argv[0],(char*)"--log=root.thres:warning"}; int ac=2; 
  sg4::Engine e(&ac,av.data());
  auto* z=sg4::create_full_zone("z");
  auto* h=z->create_host("h","1Gf")->seal(); z->seal();
  std::vector<sg4::SemaphorePtr> space, items;
  for(int i=0;i<M-1;i++){ space.push_back(sg4::Semaphore::create(B)); items.push_back(sg4::Semaphore::create(0)); }
  for(int i=0;i<M;i++) sg4::Actor::create("s"+std::to_string(i),h,[&,i]{ std::mt19937_64 g(i); std::exponential_distribution<double> d(1.0);
     for(long j=0;j<K;j++){ if(i>0){ items[i-1]->acquire(); space[i-1]->release(); } sg4::this_actor::sleep_for(d(g)); if(i<M-1){ space[i]->acquire(); items[i]->release(); } } });
  auto t0=std::chrono::steady_clock::now(); e.run(); auto t1=std::chrono::steady_clock::now();
  double s=std::chrono::duration<double>(t1-t0).count(); printf("tandem M=%d parts %ld wall %.3f parts/s %.0f service-ev/s %.0f thr %.4f\n",M,K,s,K/s,M*K/s,K/e.get_clock());
}
