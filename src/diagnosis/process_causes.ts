/**
 * What the C library, language runtimes, process managers and collective libraries say at a
 * process's end.
 *
 * @module
 */
import type { CauseRule } from "../engines/cause.ts";
import { WRAPPERS } from "./log_signs.ts";

/** Words of crashes, lost workers, hangs and lost peers. */
export const PROCESS_WORDS: readonly CauseRule[] = [
  // Native crashes.
  {
    cause: "segfault_abort",
    words:
      /segmentation fault|\bSIGSEGV\b|\bsegfault\b|Fatal Python error: (?!Interpreter|init_)|general protection fault|Segfault encountered/i,
    unless:
      /potential root cause|unexpected(?:ly)? due to SIGSEGV or|could be|handler|enabled|regist|install|catch/i,
    strength: "likely",
    atAnyLevel: true,
  },
  {
    cause: "segfault_abort",
    words:
      /(?:free|malloc|realloc|calloc)\(\): (?:invalid|corrupted|unaligned|double|unsorted|mismatching|memory corruption)|double free or corruption|corrupted (?:size|double-linked)|munmap_chunk\(\)|stack smashing detected|buffer overflow detected|pure virtual method called|LLVM ERROR|malloc_consolidate|tcache/i,
    strength: "likely",
  },
  {
    cause: "segfault_abort",
    words:
      /\bGGML_(?:ASSERT|ABORT)\b|\bggml_abort\b|\bGGML_UNREACHABLE|Assertion .* failed\.?$|\bAborted \(core dumped\)|\(?core dumped\)?|^Aborted\.?$|Signal: Aborted|\bSIGABRT\b|Bus error|\bSIGBUS\b|Illegal instruction|\bSIGILL\b|\bSIGFPE\b|Floating point exception|trap (?:invalid opcode|divide error)|traps: /i,
    unless: /potential root cause|\bthread: \[|an illegal instruction was encountered|timeout/i,
    strength: "likely",
  },
  {
    cause: "segfault_abort",
    words:
      /exit status 0xc000(?:0005|0409|001d|0374|00fd|0096)|0xc000(?:0005|0409|001d|0374)\b|access violation|EXCEPTION_ACCESS_VIOLATION|fatal error has been detected by the Java Runtime|fatal error: (?:unexpected signal|fault|all goroutines)|unexpected signal during runtime|\[signal SIG/i,
    strength: "likely",
  },
  {
    cause: "segfault_abort",
    words:
      /terminate called (?:after throwing|without an active)|^panic: |^panicked at|thread '[^']*'(?: \(\d+\))? panicked at|\bpanic: runtime error/i,
    strength: "faint",
  },
  {
    cause: "segfault_abort",
    words:
      /signal(?:ed to shutdown with signal|: killed by signal|ed with) (?:4|6|7|8|11)\b|(?:exit(?:ed)?|died|terminated|killed).{0,40}\bsignal (?:4|6|7|8|11)\b|(?:exit ?code|returncode)[:= ]+-(?:4|7|8|11)\b/i,
    strength: "likely",
    unless: /Worker with pid \d+ was terminated/,
  },

  {
    cause: "segfault_abort",
    words:
      /code=dumped|[Ff]atal signal (?:4|6|7|8|11)\b|status=(?:4|6|7|8|11)\/|exit(?:ed)? ?(?:with )?(?:code|status)?[:= ]+(?:132|134|135|136|139)\b|\bCheck failed: |FATAL.*Check failure/,
    strength: "likely",
  },

  // Peers that lost each other.
  {
    cause: "collective_failure",
    words:
      /Watchdog caught collective operation timeout|collective operation timeout|\bnccl(?:System|Internal|Remote|UnhandledCuda|InvalidUsage|InvalidArgument)Error\b|\b(?:NCCL|RCCL|HCCL|MCCL|XCCL|oneCCL|CNCL) (?:error|failure|communicator was aborted|operation|timeout)|\bDist(?:Backend|Store)Error\b|\bDistNetworkError: |ncclCommInitRank.{0,40}(?:fail|error)|Duplicate GPU detected/i,
    strength: "likely",
  },
  {
    cause: "collective_failure",
    words:
      /\bgloo\b.*(?:connection|closed|timed? ?out|refused|reset|failed|unreachable)|Gloo connectFullMesh failed|(?:NCCL WARN|RCCL WARN).*(?:connect|socket|net|timeout|peer|remote|closed|ib_|ibv|bootstrap|mismatch|unhandled|NVLS|P2P|topo)|TCPStore.{0,80}(?:timed? ?out|fail|refused|broken)|Timed out after \d+ seconds? waiting for clients|wait timeout after \d+ms.*(?:store|key)/i,
    strength: "likely",
  },
  {
    cause: "collective_failure",
    words:
      /other ranks that didn't finish|ranks? .{0,40}(?:failed to|did(?:n't| not)) (?:join|pass|reach)|monitoredBarrier|MPI_(?:Init|Allreduce|Bcast)\w* .{0,40}(?:fail|error)|PMIX ERROR|ORTE (?:has lost|was unable)|\bUCX +ERROR|NVSHMEM.{0,40}(?:error|fail|timed? ?out)|DeepEP (?:error|timeout)|\bEI\d{4}\b|rendezvous.{0,40}(?:timed? ?out|failed|error)|Rendezvous\w*Error|Timed ?out initializing process group|peer access is not supported/i,
    strength: "likely",
  },

  // No progress.
  {
    cause: "hang",
    words: /\bWORKER TIMEOUT\b|HARAKIRI|blocked for more than \d+ seconds|soft lockup|hung task/,
    atAnyLevel: true,
  },
  {
    cause: "hang",
    words:
      /\bRPC call to \w+ timed out|watchdog timeout \(|Watchdog TIMEOUT|engine iteration timed out|hang detected|deadlock detected|possible deadlock|has (?:been )?(?:hung|stuck) (?:for|since)|appears to (?:be )?(?:hung|stuck|hang)|(?:seems|appears) (?:to be )?(?:hung|stuck|unresponsive)|not respond(?:ed|ing)? (?:for|within|in) (?:the last )?[\d.]+ ?(?:s|sec|min)|no (?:response|progress|heartbeat)[^"]{0,50}(?:for|within|in) (?:the )?(?:last |past )?[\d.]+ ?(?:s|sec|min|ms)|heartbeat.{0,30}(?:timed? ?out|timeout|lost|missed)|^Timeout \(\d+:\d\d:\d\d\)!/i,
  },
  {
    cause: "hang",
    words:
      /health ?check.{0,60}(?:timed? ?out|couldn't get a response|no response|deadline exceeded)|failed (?:liveness|startup) probe|liveness probe failed.*(?:deadline exceeded|timeout|timed out|Client\.Timeout)|Liveness probe.{0,40}(?:errored|timed out)/i,
    atAnyLevel: true,
  },
  {
    cause: "hang",
    words:
      /timed out waiting for (?:llama runner to start|\w+ (?:engine|server|worker|runner)[\w ]{0,30} to (?:start|be ready|respond|finish))/i,
    unless: /context canceled/,
  },

  { cause: "hang", words: /got stuck for \d+ s/, strength: "likely" },
  { cause: "hang", words: /\bRayChannelTimeoutError\b|\bGetTimeoutError\b|increase RAY_CGRAPH/ },

  // Workers that are gone.
  {
    cause: "worker_died",
    words:
      /\bwork(?:er|ers)\b[^"]{0,80}\b(?:died|is dead|has died|crashed|exited unexpectedly|terminated unexpectedly|was terminated due to signal (?!15\b|2\b)|failed to boot|unexpectedly (?:exits|exited|died|terminated)|was killed|got killed|killed by SIGKILL|exited with code [1-9])|\b(?:worker|child|sub)[ -]?process(?:es)?\b[^"]{0,80}\b(?:died|crashed|is dead|unexpectedly|was killed|exited with (?:non-?zero|signal|code -?[1-9]))/i,
    strength: "faint",
    atAnyLevel: true,
  },
  {
    cause: "worker_died",
    words:
      /\b(?:Actor(?:Died|Unavailable)|RayActor|WorkerCrashed|RayChannel|RaySystem|LocalRayletDied|NodeDied|OwnerDied|RayWorker)Error\b|\bactor (?:is dead|died)|raylet.{0,40}(?:died|is dead|crashed)|\bBrokenProcessPool\b|terminated abruptly|WorkerLostError|Process died unexpectedly|process \S+ (?:died|terminated) unexpectedly|Process SpawnProcess-\d+ (?:died|terminated)/i,
    strength: "faint",
    atAnyLevel: true,
  },
  {
    cause: "worker_died",
    words:
      /\b(?:engine|scheduler|detokenizer|shard|rank|replica|stub|executor|EngineCore\w*|core proc\w*)\b[^"]{0,60}\b(?:died\b(?! of| from)|is dead|was killed|unexpectedly exited|crashed with|terminated abnormally|exited unexpectedly)|signaled to shutdown with signal (?:9|15)\b|Child process \[?\d+\]? died|(?:Primary job|mpirun|MPI_ABORT|prterun|srun: error).{0,120}(?:non-zero|exited on signal|invoked|Killed|terminated)|exited on signal \d+/i,
    strength: "faint",
    unless: /client (?:disconnected|closed|connection|request)|request_id|GET|POST/,
    atAnyLevel: true,
  },
  {
    cause: "worker_died",
    words:
      /\b(?:worker|runner|scheduler|shard|engine|replica|actor|subprocess|child|backend|stub|executor|process|node|rank|instance)\w*\b[^"]{0,60}\b(?:has unexpectedly stopped|unexpectedly (?:stopped|terminated|exited|died|closed|quit)|(?:died|exited|stopped|terminated|crashed|disconnected|quit) unexpectedly|no longer running|is no longer alive|is not alive|was lost|terminated by signal|killed by signal|(?:exited|terminated|died) with signal|marked (?:as )?dead|ProcessExitedException)|(?:lost|dead|crashed) (?:worker|replica|actor|shard|node)|\bProcessExitedException\b|unexpected (?:exit|death|termination) of/i,
    strength: "faint",
    unless: /client|\bby (?:SIGTERM|SIGINT)|no lost|dead code/i,
    atAnyLevel: true,
  },
  {
    cause: "worker_died",
    words:
      /\bprocess\b[^"]{0,40}\bexited (?:unexpectedly )?with (?:exit )?(?:code|status):? -?[1-9]/i,
    strength: "faint",
    atAnyLevel: true,
  },
  // What engines print last, whatever the cause was: it tells where nothing stands above it.
  {
    cause: "worker_died",
    words: WRAPPERS,
    strength: "last",
    unless: /potential root cause|CancelledError|NoneType: None/,
    atAnyLevel: true,
  },
  {
    cause: "worker_died",
    words:
      /Received sigquit from a child proces|^EOFError\b|Webserver Crashed|usually means (?:one|the) child failed|code = Unavailable desc = (?:error reading|connection|transport)|returned non-zero exit status|Worker exit type: SYSTEM_ERROR|Worker failed with error|Signal 9 \(SIGKILL\) received by PID|Parent process (?:exited|died)|runner process (?:has terminated|no longer running)|llm runner exited|llama runner terminated|\(exitcode: -?\d+\) local_rank|died with <Signals\.SIGKILL|terminated by SIG\w+; not expected|exit status [1-9]\d*; not expected|\b(?:engine|main|scheduler) loop (?:stopped|failed|exited|crashed)|(?:127\.0\.0\.1|localhost|\[::1\]):\d+.*(?:\bEOF\b|connection refused|forcibly closed|reset by peer|broken pipe)|error was encountered while running the model: unexpected EOF|Server error: (?:transport error|error trying to connect|.*broken pipe)|error trying to connect: (?:No such file|Connection refused)|h2 protocol error|ChildFailedError|(?:exit ?code|exitcode)\s*[:=] ?-\d+|DataLoader worker \(pid/i,
    strength: "faint",
    atAnyLevel: true,
  },
];

/** Somebody asked it to stop. */
export const STOP_REQUEST =
  /\b(?:SIGTERM|SIGINT)\b.{0,40}\b(?:received|caught|shutting|exiting|stopping|draining|terminat)|(?:received|caught|got|handling)[ \w:]{0,24}\b(?:SIGTERM|SIGINT|signal:? (?:15|2|term|int|quit|hup)|signal \((?:15|2)\)|(?:termination|interrupt|shutdown|stop) signal)\b|Signal \((?:15|2)\) received|signal received, starting graceful shutdown|shutdown (?:triggered|requested|signal)|KeyboardInterrupt|termination signal|Signal Received: (?:15|2)\b|Received (?:second )?interrupt|^\^C/i;

/** It ended in order. */
export const ORDERLY_END =
  /Finished server process|Application shutdown complete|Shutting down: Master|cleaning up before exit|graceful(?:ly)? (?:shutdown|shut down|exit|stopp)\w* (?:complete|done|finished)?|exited gracefully|Server (?:stopped|shut down|closed)(?: gracefully)?\.?$|shutdown complete/i;
