/**
 * Shapes of the REST and socket payloads, for the type checker only.
 *
 * @typedef {"admin"|"operator"|"viewer"} Role
 *
 * @typedef {object} User
 * @property {number} id
 * @property {string} username
 * @property {Role} role
 * @property {boolean} is_active
 * @property {boolean} must_change_password
 * @property {string|null} email
 * @property {string|null} date_of_birth
 * @property {string|null} place
 * @property {string|null} gender
 * @property {string} created_at
 * @property {string|null} last_login_at
 *
 * @typedef {Pick<User, "id"|"username"|"role"|"must_change_password">} PageUser
 *
 * @typedef {"SAFE"|"CAUTION"|"WARNING"|"CRITICAL"} Level
 * @typedef {"ok"|"estimated"|"degraded"|"saturated"|"unknown"} Trust
 *
 * @typedef {object} Cause
 * @property {string} name
 * @property {Level} level
 * @property {number|null} value
 * @property {number|null} limit
 * @property {string} unit
 * @property {string} text
 *
 * @typedef {object} RiskParts Factors in [0, 1].
 * @property {number|null} density
 * @property {number|null} surge
 * @property {number|null} velocity
 * @property {number|null} pressure_boost
 * @property {number|null} coherence_boost
 * @property {number|null} [weighted]
 *
 * @typedef {object} Metrics
 * @property {number} camera_id
 * @property {string} time ISO 8601, UTC
 * @property {number} stream_time_s
 * @property {number|null} [age_s]
 * @property {number} count
 * @property {number} count_low
 * @property {number|null} count_high null: "at least"
 * @property {number|null} area_m2
 * @property {number|null} density_per_m2
 * @property {number|null} peak_density_per_m2
 * @property {number|null} mean_speed_mps
 * @property {number|null} mean_speed_px_per_s
 * @property {number|null} coherence
 * @property {number|null} crowd_pressure_per_s2
 * @property {number|null} pressure_index
 * @property {number|null} surge
 * @property {number} cluster_count
 * @property {number} largest_cluster
 * @property {number} proximity_pairs
 * @property {number} anomaly_count
 * @property {number|null} risk_score 0-100
 * @property {number|null} [risk_weighted]
 * @property {Level} risk_level
 * @property {Cause[]} causes
 * @property {RiskParts} [parts]
 * @property {Trust} trust
 * @property {string} trust_reason
 * @property {string} [model]
 * @property {boolean} reduced_accuracy
 * @property {number} [seq]
 * @property {number} [run_id]
 *
 * @typedef {object} Model
 * @property {string} name
 * @property {string} runtime
 * @property {string} precision
 * @property {number[]} input_hw
 * @property {number} tiles
 * @property {boolean} reduced_accuracy
 * @property {string} remedy
 *
 * @typedef {object} CameraStatus
 * @property {string} state
 * @property {"connecting"|"live"|"reconnecting"|"offline"|"failed"} status
 * @property {string} message
 * @property {number|null} last_frame_age_s
 * @property {number} reconnects
 * @property {number} dropped_frames
 * @property {number} restarts
 * @property {number|null} fps
 * @property {number|null} width
 * @property {number|null} height
 * @property {number|null} nominal_fps
 * @property {number|null} duration_s
 * @property {Model|null} model
 *
 * @typedef {"empty"|"queued"|"analysing"|"paused"|"finished"|"failed"|"cancelled"} JobState
 *
 * @typedef {object} Job
 * @property {JobState} state
 * @property {number|null} fraction
 * @property {number} frames_done
 * @property {number|null} frames_total
 * @property {number} stream_time_s
 * @property {number|null} duration_s
 * @property {string|null} original_name
 * @property {number|null} size_bytes
 * @property {string|null} recorded_at
 * @property {string} error
 *
 * @typedef {"rtsp"|"http"|"usb"|"file"|"upload"} SourceType
 *
 * @typedef {object} Camera
 * @property {number} id
 * @property {string} name
 * @property {SourceType} source_type
 * @property {string} source_display
 * @property {number|null} true_fps
 * @property {boolean} loop
 * @property {number|null} area_m2
 * @property {number|null} people_limit
 * @property {number|null} target_fps
 * @property {boolean} record
 * @property {boolean} should_run
 * @property {number|null} owner_id
 * @property {string} created_at
 * @property {string} updated_at
 * @property {CameraStatus} status
 * @property {Job|null} job
 * @property {Metrics|null} current
 *
 * @typedef {object} AlertEvent
 * @property {string} at
 * @property {string} kind
 * @property {string} username
 * @property {Record<string, unknown>} detail
 *
 * @typedef {object} Delivery
 * @property {string} channel
 * @property {string} state
 * @property {number} attempts
 * @property {string} last_error
 * @property {string|null} delivered_at
 *
 * @typedef {object} Alert
 * @property {number} id
 * @property {number|null} camera_id
 * @property {string} place_name
 * @property {string} family
 * @property {Level} level
 * @property {Level} peak_level
 * @property {"ACTIVE"|"ACKNOWLEDGED"|"RESOLVED"} status
 * @property {"LIVE"|"RECORDED"|"DRILL"} origin
 * @property {string} cause
 * @property {string} message
 * @property {Cause[]} causes
 * @property {Record<string, unknown>} metrics
 * @property {Trust} trust
 * @property {number|null} score
 * @property {number|null} peak_count
 * @property {number|null} peak_density_per_m2
 * @property {string} opened_at
 * @property {string} updated_at
 * @property {string|null} acknowledged_at
 * @property {string|null} acknowledged_by
 * @property {string} acknowledge_note
 * @property {string|null} resolved_at
 * @property {string|null} resolved_by
 * @property {string} resolve_note
 * @property {boolean} has_snapshot
 * @property {AlertEvent[]} [events]
 * @property {Delivery[]} [deliveries]
 *
 * @typedef {object} Recording
 * @property {number} id
 * @property {number} camera_id
 * @property {string} [camera_name]
 * @property {string} started_at
 * @property {string|null} ended_at
 * @property {number} duration_s
 * @property {number} frames
 * @property {number} width
 * @property {number} height
 * @property {number} size_bytes
 * @property {boolean} is_open
 *
 * @typedef {object} Setting
 * @property {string} key
 * @property {string} section
 * @property {string|number|boolean|null} value
 * @property {string|number|boolean|null} default
 * @property {string} unit
 * @property {number|null} minimum
 * @property {number|null} maximum
 * @property {"number"|"integer"|"text"|"secret"|"boolean"} kind
 * @property {string} title
 * @property {string} effect
 * @property {boolean} is_set
 * @property {string|null} changed_by
 * @property {string|null} changed_at
 *
 * @typedef {object} ProbeAnswer
 * @property {boolean} ok
 * @property {string} message
 * @property {number|null} width
 * @property {number|null} height
 * @property {number|null} fps
 * @property {string|null} codec
 * @property {string|null} picture data: URL of a JPEG
 *
 * @typedef {object} PageConfig
 * @property {string} page
 * @property {PageUser|null} user
 * @property {Record<string, any>} params
 */

/**
 * @template T
 * @typedef {{items: T[], total: number, page: number, pages: number}} Page
 */

export {};
