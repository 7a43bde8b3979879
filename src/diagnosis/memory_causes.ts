/**
 * What the kernel, libraries and languages say when memory, shared memory or a disk is full.
 *
 * @module
 */
import type { CauseRule } from "../engines/cause.ts";

/** Words of a full disk that shared memory has too. */
export const NO_SPACE = /no space left on device|\bENOSPC\b|\bErrno 28\b|os error 28\b/i;

/** Words of memory, shared memory and disks. */
export const MEMORY_WORDS: readonly CauseRule[] = [
  {
    cause: "shm_exhausted",
    words:
      /\/dev\/shm\b.*(?:no space left|ENOSPC|too small|insufficient|is full|exhausted|not enough)|(?:no space left|not enough space|insufficient space|too small|insufficient).*\/dev\/shm\b/i,
  },
  {
    cause: "shm_exhausted",
    words:
      /(?:insufficient|out of|not enough|exhausted|no more) shared memory|shared memory (?:\(shm\) )?(?:is )?(?:exhausted|full|too small|insufficient)|(?:increase|raise) (?:the )?(?:size of )?(?:your )?(?:shm|shared memory)/i,
    unless: /per block|kernel|Required: \d+|Hardware limit|broadcast|num_stages|smem|SMEM/i,
  },
  {
    cause: "shm_exhausted",
    words:
      /Error while (?:creating|attaching to) shared memory segment|failed to extend \/dev\/shm|Call to (?:shm_open|posix_fallocate|ftruncate|fallocate) failed ?: ?No space/i,
    unless: /permission denied/i,
  },
  {
    cause: "shm_exhausted",
    words:
      /unable to (?:mmap|write|allocate|resize|open)\b.*<?\/?torch_\d+|(?:shm|memory) region.*(?:to requested size|pool size)|Failed to increase the shared memory pool|Unable to initialize shared memory key|shm-size.*\b(?:error|failed|no space)/i,
    unless: /WARNING: The object store|permission denied/i,
  },
  {
    cause: "shm_exhausted",
    words:
      /shm_?(?:open|get|at)\b.*(?:no space|ENOSPC)|shared.?memory.*(?:no space left|Errno 28)|(?:no space left|Errno 28).*(?:shared.?memory|\bpsm_|\bsem\.mp-|\/nccl-|vllm_|torch_)/i,
  },
  {
    cause: "shm_exhausted",
    words:
      /object store size.{0,60}exceeds|ObjectStoreFullError|plasma.{0,60}(?:no space|cannot (?:mmap|allocate))/i,
  },

  { cause: "disk_full", words: NO_SPACE, unless: /inotify|add watch|errno 28\d/i },
  {
    cause: "disk_full",
    words:
      /disk quota exceeded|\bEDQUOT\b|\bErrno 122\b|database or disk is full|not enough (?:free )?(?:disk )?space (?:on|to|left|available)|insufficient (?:free )?disk space|there is not enough space on the disk|\bdisk (?:is )?full\b|OutOfDiskError|out of disk space|file system is full|low on resource: ephemeral-storage|ephemeral(?:-| local )storage usage exceeds/i,
  },

  {
    cause: "host_out_of_memory",
    words:
      /invoked oom-killer|oom-kill:constraint|Memory cgroup out of memory|Out of memory: Kill(?:ed)? process|sacrifice child|killed as a result of limit of|(?:systemd-oomd|earlyoom).{0,30}kill|oom_reaper|\bOOMKilled\b|Failed with result 'oom-kill'|killed by the OOM killer|oom_kill_process|\boom-killer\b|OOM[- ]?killed|model request too large for system|memory limit (?:of \S+ )?exceeded|low on resource: memory|node-level memory pressure|(?:memory usage|memory) (?:exceeds|exceeded) (?:the )?(?:container'?s? )?(?:memory )?limit/i,
    unless: /potential root cause|could be|possible reasons|OOMKilled"?: ?false/i,
    atAnyLevel: true,
  },
  {
    cause: "host_out_of_memory",
    words:
      /(?:tasks?|workers?|actors?)\b.{0,40}killed due to (?:the node running low on memory|memory pressure)|node running low on memory|ray\.exceptions\.OutOfMemoryError|RayOutOfMemoryError|Worker exit type: NODE_OUT_OF_MEMORY|More than \d+% of the memory on|memory on the node.{0,80}exceeds? the memory usage threshold/i,
    atAnyLevel: true,
  },
  {
    cause: "host_out_of_memory",
    words: /was sent SIGKILL! Perhaps out of memory/i,
    strength: "likely",
  },
  {
    cause: "host_out_of_memory",
    words:
      /DefaultCPUAllocator|\bnot enough memory: you tried to allocate|can't allocate memory: you tried|^(?:numpy\.\S+|Memory|\S*\._ArrayMemory)Error\b|\b(?:numpy\S*)?ArrayMemoryError|^\S*\bMemoryError(?::|$)|std::bad_alloc|out of memory allocating \d+ bytes|^(?:\S*Error: )?unable to allocate [\d.]+ [kmgt]i?b\b|fatal\s*: memory allocation failure|cannot allocate \d+ bytes|failed to allocate (?:host|CPU|system) memory|out of (?:host|system|physical|main) memory|memory allocation of \d+ bytes failed|runtime: out of memory|runtime: cannot allocate memory|java\.lang\.OutOfMemoryError|insufficient memory for the Java Runtime|JavaScript heap out of memory|virtual memory exhausted/i,
  },
  {
    cause: "host_out_of_memory",
    words: /cannot allocate memory|\bErrno 12\b|\bENOMEM\b|os error 12\b/i,
    unless: /mlock|RLIMIT_MEMLOCK|hugepage|ibv_|torch_\d+|cuda(?:Host|Malloc)/i,
  },
  {
    cause: "host_out_of_memory",
    words:
      /requires more system memory|(?:cpu|CPU|host|system)[^"]{0,40}(?:failed to allocate (?:buffer|memory)|out of memory|memory (?:is )?(?:exhausted|insufficient))|unable to allocate CPU\w* buffer|failed to allocate CPU\w* buffer|not enough (?:system|host|CPU|physical) (?:memory|RAM)|insufficient (?:system|host|CPU) memory|ErrorOutOfHostMemory|not enough RAM|too large swap space|swap space.{0,60}(?:too large|more than the available)|paging file is too small/i,
    unless: /pinned|cuda_host|retry/i,
  },
  // A shell says only this much of a process that got SIGKILL, and little else sends that.
  {
    cause: "host_out_of_memory",
    words:
      /^(?:\S+: line \d+: +)?(?:\[\d+\])?[-+]? *(?:\d+ +)?(?:[Kk]illed|已杀死)(?:: 9|[: ] *.*)?$|signal: killed\b|(?:command|Command|process|Process|program) (?:was )?(?:terminated|killed) by signal (?:9|SIGKILL)|code=killed, status=9\/|\b[Ee]xit ?[Cc]ode[ :="]{1,8}137\b|(?:exit(?:ed)?|exit status|code|status)\b[ :="]{1,8}(?:with )?(?:code |status )?137\b|process (?:was )?killed.{0,30}\b(?:out of memory|OOM)\b/,
    strength: "likely",
  },
];
